"""Know the day a provider changes: compare what we know with what is said now.

    documents.compare_page(files.shipped("hiapi"), ingest(open_page(path)))   our contract against a documentation page
    published.compare_published(files.shipped("runflow"), document)           against the provider's OpenAPI document
    catalogue.compare_catalogue(files.shipped("runflow"), ids)                against a list of models
    contracts.compare_contracts, openapi.compare_openapi, pages.compare_pages two of a kind

`sides` does it with what a user names. Each gives an `outcome.Outcome`: drifts by class with severities
(`classes.SEVERITY`), what could not be read, and what of the contract the other side says nothing of.
"""
