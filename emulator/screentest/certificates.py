"""Certificates for `serve --https-port`: a certificate authority of our own, kept so that it is trusted once.

The only importer of trustme, which comes with the extra ``screentest[https]``.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from screentest.errors import SetupError

if TYPE_CHECKING:
    import trustme

AUTHORITY = "screentest-ca.pem"
_KEY = "screentest-ca.key"


def server_context(folder: Path, names: Iterable[str]) -> ssl.SSLContext:
    """A context that proves to be any of `names`, by the authority whose certificate is in `folder`."""
    try:
        import trustme
    except ImportError:
        raise SetupError("--https-port needs trustme: pip install 'screentest[https]'") from None
    try:
        authority = _authority(folder, trustme.CA)
    except (OSError, ValueError) as error:
        raise SetupError(f"{folder}: cannot keep the certificate authority: {error}") from None
    certificate = authority.issue_cert(*names)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as temporary:
        chain = Path(temporary) / "chain.pem"
        chain.touch(mode=0o600)
        certificate.private_key_and_cert_chain_pem.write_to_path(str(chain))
        context.load_cert_chain(chain)
    return context


def _authority(folder: Path, kind: type[trustme.CA]) -> trustme.CA:
    """The authority kept in `folder`, made on first use."""
    certificate, key = folder / AUTHORITY, folder / _KEY
    if certificate.exists() and key.exists():
        return kind.from_pem(certificate.read_bytes(), key.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    authority = kind(organization_name="screentest", organization_unit_name="local development")
    key.touch(mode=0o600)
    key.write_bytes(authority.private_key_pem.bytes())
    certificate.write_bytes(authority.cert_pem.bytes())
    return authority
