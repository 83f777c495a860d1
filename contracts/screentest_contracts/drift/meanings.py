"""What each class of drift means, in one sentence for reports."""

from __future__ import annotations

from collections.abc import Mapping

OF_DOCUMENTS: Mapping[str, str] = {
    "model-added": "a model that the contract does not know",
    "model-removed": "a model that is no longer offered",
    "endpoint-changed": "an endpoint, its statuses, its keys or its refusals are others",
    "property-added-optional": "an input that may be given, and was not there",
    "property-added-required": "an input that has to be given, and was not there",
    "property-removed": "an input that is no longer there",
    "property-retyped": "an input of another type",
    "required-added": "an input that has to be given now",
    "required-removed": "an input that may be left out now",
    "enum-value-added": "a value that an input takes now",
    "enum-value-removed": "a value that an input no longer takes",
    "bound-tightened": "a limit that lets less pass",
    "bound-loosened": "a limit that lets more pass",
    "default-changed": "another value where an input is left out",
    "media-rule-changed": "another rule for files, sent or made",
    "price-changed": "another price",
    "output-field-added": "a field of answers that was not there",
    "output-field-removed": "a field of answers that is no longer there",
    "output-field-retyped": "a field of answers with another type, format or vocabulary",
    "callback-changed": "other fields or rules of callbacks",
    "wording-only": "other words for the same",
}
"""The classes of `classes.SEVERITY`."""

OF_BEHAVIOUR: Mapping[str, str] = {
    "request.tightened": "a request that was accepted is refused",
    "request.loosened": "a request that was refused is accepted",
    "request.loosened.billed": "a request that was refused makes a job",
    "auth.loosened": "what needed a key, or another key, does not",
    "auth.tightened": "a key that was good enough is not",
    "status.changed": "another HTTP status for the same",
    "check.order.changed": "of two faults, another one is told",
    "error.envelope": "the body of refusals has another form",
    "error.code.new": "a business code that nobody knows",
    "server_error": "a failure of the server where there was none",
    "response.field.removed": "a field that is no longer there, or not always",
    "response.field.added": "a field that was not there, or not always",
    "response.field.type": "a field of another type",
    "response.field.nullable": "a field that can be null",
    "response.value.new": "a word that the field's vocabulary does not have",
    "content_type.changed": "another media type",
    "header.removed": "a header that is no longer there, or not always",
    "header.added": "a header that was not there, or not always",
    "limit.changed": "another limit in a header",
    "price.changed": "something else is charged, or said to be",
    "transition.unseen": "a step from state to state that there was not",
    "semantics": "a rule that only a sequence of requests shows is broken",
    "callback.signature": "a callback whose signature does not fit",
    "callback.schema": "callbacks with other fields or headers",
    "callback.retry": "a callback that was refused does not come again",
    "callback.missing": "a callback that does not come",
    "callback.unasked": "a callback that nobody asked for",
    "callback.repeated": "a callback that comes again",
    "timing": "a state that lasts ten times as long, or a tenth",
}
"""The classes of `behaviour_classes.BEHAVIOUR` that are reported."""

MEANINGS: Mapping[str, str] = {**OF_DOCUMENTS, **OF_BEHAVIOUR}
