"""Every edit of the documentation pages in every form, and how many were recognised.

    python bench/page_edits.py [--noises]

Prints a table by class; ends with 1 when an edit was missed or a false alarm was raised. `--noises` makes every edit
under every noise (blanks, other order, translation, Markdown, HTML ...). Noise alone is always tried.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from drift.catalogues import catalogue_edits
from drift.noise import NOISES
from drift.page_edits import Verdict, against_contract, edits, judge, provider_of, score, texts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noises", action="store_true", help="every edit under every noise")
    noises = NOISES if parser.parse_args().noises else NOISES[:1]
    verdicts = [judge(edit, noise) for edit in edits() for noise in noises]
    print(f"{'class':<26} {'edits':>6} {'found':>6} {'false':>6}")
    for kind, (wanted, found, false) in score(verdicts).items():
        print(f"{kind:<26} {wanted:>6} {found:>6} {false:>6}")
    wrong = [one for one in verdicts if one.missed or one.false]
    alarms = _alarms()
    wanted = sum(len(one.expected) for one in verdicts)
    found = sum(len(one.expected & one.found) for one in verdicts)
    raised = sum(len(one.found) for one in verdicts)
    print(f"{len(verdicts)} edits: recall {found / wanted:.1%}, precision {found / max(raised, 1):.1%}")
    print(f"{len(texts()) * len(NOISES)} pages with noise alone: {len(alarms)} false alarms")
    lists = list(catalogue_edits())
    odd = [name for name, expected, seen in lists if expected != seen]
    print(f"{len(lists)} lists of models, one more or less: {len(lists) - len(odd)} recognised exactly")
    for one in wrong:
        print(_told(one))
    for line in (*alarms, *odd):
        print(line)
    return 1 if wrong or alarms or odd else 0


def _alarms() -> list[str]:
    return [
        f"{page} with {noise.name}: {drift.kind} {drift.pointer}"
        for page, text in texts().items()
        for noise in NOISES
        for drift in against_contract(page, noise.apply(text, provider_of(page))).drifts
    ]


def _told(verdict: Verdict) -> str:
    missed, false = sorted(verdict.missed), sorted(verdict.false)
    return f"{verdict.edit.page}: {verdict.edit.name} ({verdict.noise}): missed {missed}, false {false}"


if __name__ == "__main__":
    sys.exit(main())
