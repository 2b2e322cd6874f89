"""The application: every URL, and what stands around the handlers."""

from collections.abc import Callable, Iterable
from typing import Any

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp

from firtree import __version__
from firtree.access import Principal, Right
from firtree.exchange.history_wire import ComparisonWire, HistoryWire, StatementsWire
from firtree.exchange.lists import (
    FindingsWire,
    ManufacturersWire,
    ModelsWire,
    PathwayWire,
    ReleasesWire,
)
from firtree.exchange.proof_wire import ConsistencyWire, InclusionWire
from firtree.exchange.wire import (
    AssessmentsWire,
    AssessmentWire,
    EntryAnswerWire,
    ExportedAnswersWire,
    ExportedEntriesWire,
    PageWire,
    StatementAnswerWire,
)
from firtree.library.lookup import Lookup
from firtree.library.parties import Parties
from firtree.web.account_urls import ACCOUNT_URLS
from firtree.web.answers import Desk
from firtree.web.api import (
    assessments,
    changes,
    disclosure,
    entries,
    exports,
    findings,
    history,
    lists,
    log,
    service,
    statements,
)
from firtree.web.documented import bytes_of, json_of, text_of
from firtree.web.entrance import Entrance
from firtree.web.guard import ALWAYS_COSTLY, Guard
from firtree.web.handler import handler_of
from firtree.web.layer import Authenticate, Layer
from firtree.web.pages import assessment, diff, entry, home, pathway, static
from firtree.web.pages import findings as finding_pages
from firtree.web.pages import history as history_page
from firtree.web.pages import lists as list_pages
from firtree.web.pages.welcome import welcome_instead
from firtree.web.party_urls import PARTY_URLS
from firtree.web.problems import answer_error
from firtree.web.url import BODY_OCTETS, Url

_EXPORTED: dict[str, type[Any]] = {
    "fir": ExportedEntriesWire,
    "answers": ExportedAnswersWire,
}


def _file(what: str, form: str) -> Url:
    """Give the row of a file of the whole register."""
    others = (304, 422, 429, 503)
    return Url(
        "GET",
        f"/export/{what}.{form}",
        exports.file_of(what, form),
        Right.READ_ENTRIES,
        json_of(_EXPORTED[what], *others)
        if form == "json"
        else bytes_of(exports.MEDIA_TYPES[form], "The file", *others),
        costly=ALWAYS_COSTLY,
    )


URLS = (
    Url(
        "GET",
        "/",
        home.get_home,
        Right.READ_ENTRIES,
        instead=welcome_instead,
        costly="q",
    ),
    Url("GET", "/assessment", assessment.get_assessment_page, Right.READ_ENTRIES),
    Url("GET", "/entries/{entry_id:int}", entry.get_entry_page, Right.READ_ENTRIES),
    Url(
        "GET",
        "/entries/{entry_id:int}/history",
        history_page.get_history_page,
        Right.READ_ENTRIES,
    ),
    Url("GET", "/diff", diff.get_diff_page, Right.READ_ENTRIES),
    Url(
        "GET",
        "/manufacturers",
        list_pages.get_manufacturers_page,
        Right.READ_ENTRIES,
    ),
    Url(
        "GET",
        "/manufacturers/{code:str}",
        list_pages.get_manufacturer_page,
        Right.READ_ENTRIES,
    ),
    Url("GET", "/models", list_pages.get_models_page, Right.READ_ENTRIES),
    Url(
        "GET",
        "/models/{manufacturer:str}/{model:str}",
        list_pages.get_model_page,
        Right.READ_ENTRIES,
    ),
    Url("GET", "/pathway", pathway.get_pathway_page, Right.READ_ENTRIES),
    Url("GET", "/findings", finding_pages.get_findings_page, Right.READ_ENTRIES),
    Url("GET", "/static/{name:str}", static.get_static, Right.READ_STATIC),
    Url(
        "GET",
        "/api/v1/assessment",
        assessments.get_assessment,
        Right.READ_ENTRIES,
        json_of(AssessmentWire, 304, 422, 503),
        plainly=assessments.answer_plainly,
    ),
    Url(
        "POST",
        "/api/v1/assessments",
        assessments.post_assessments,
        Right.READ_ENTRIES,
        json_of(AssessmentsWire, 400, 413, 415, 422, 429, 503),
        costly=ALWAYS_COSTLY,
    ),
    Url(
        "GET",
        "/api/v1/entries",
        entries.get_entries,
        Right.READ_ENTRIES,
        json_of(PageWire, 304, 422, 429, 503),
        costly="q",
    ),
    Url(
        "GET",
        "/api/v1/entries/{entry_id:int}",
        entries.get_entry,
        Right.READ_ENTRIES,
        json_of(EntryAnswerWire, 304, 404, 422, 503),
    ),
    *(_file("fir", form) for form in ("xlsx", "csv", "json", "parquet")),
    *(_file("answers", form) for form in ("csv", "json", "parquet")),
    Url(
        "GET",
        "/api/v1/entries/{entry_id:int}/history",
        history.get_history,
        Right.READ_ENTRIES,
        json_of(HistoryWire, 304, 404, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/diff",
        history.get_diff,
        Right.READ_ENTRIES,
        json_of(ComparisonWire, 304, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/changes",
        changes.get_changes,
        Right.READ_ENTRIES,
        json_of(StatementsWire, 304, 422, 429, 503),
        costly=changes.is_stream,
    ),
    Url(
        "GET",
        "/api/v1/statements/{index:int}",
        statements.get_statement,
        Right.READ_ENTRIES,
        json_of(StatementAnswerWire, 304, 404, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/statements",
        disclosure.get_statements,
        Right.READ_ENTRIES,
        bytes_of("application/x-ndjson", "Statements, one to a line", 422, 429, 503),
        costly=ALWAYS_COSTLY,
    ),
    Url(
        "GET",
        "/api/v1/manufacturers",
        lists.get_manufacturers,
        Right.READ_ENTRIES,
        json_of(ManufacturersWire, 304, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/models",
        lists.get_models,
        Right.READ_ENTRIES,
        json_of(ModelsWire, 304, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/releases",
        lists.get_releases,
        Right.READ_ENTRIES,
        json_of(ReleasesWire, 304, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/pathway",
        lists.get_pathway,
        Right.READ_ENTRIES,
        json_of(PathwayWire, 304, 404, 422, 503),
    ),
    Url(
        "GET",
        "/api/v1/findings",
        findings.get_findings,
        Right.READ_ENTRIES,
        json_of(FindingsWire, 304, 422, 503),
    ),
    Url(
        "GET",
        "/log/checkpoint",
        service.get_checkpoint,
        Right.READ_LOG,
        text_of("The newest checkpoint, a signed note", 503),
    ),
    Url(
        "GET",
        "/log/tile/{tile:path}",
        log.get_tile,
        Right.READ_LOG,
        bytes_of("application/octet-stream", "The tile", 404, 422, 503),
    ),
    Url(
        "GET",
        "/log/proof/inclusion",
        log.get_inclusion,
        Right.READ_LOG,
        json_of(InclusionWire, 422, 503),
    ),
    Url(
        "GET",
        "/log/proof/consistency",
        log.get_consistency,
        Right.READ_LOG,
        json_of(ConsistencyWire, 422, 503),
    ),
    Url(
        "GET",
        "/health/live",
        service.get_live,
        Right.READ_HEALTH,
        text_of("The process answers"),
    ),
    Url(
        "GET",
        "/health/ready",
        service.get_ready,
        Right.READ_HEALTH,
        text_of("The register can be asked", 503),
    ),
    Url("GET", "/openapi.json", service.get_openapi, Right.READ_STATIC),
    *ACCOUNT_URLS,
    *PARTY_URLS,
)


__all__ = ["BODY_OCTETS", "URLS", "Url", "check_rights", "create_app"]


def create_app(
    lookup: Lookup,
    parties: Parties,
    *,
    authenticate: Authenticate,
    in_threads: bool,
    close: Callable[[], None],
    entrance: Entrance | None = None,
    monotonic: Callable[[], float] | None = None,
    urls: Iterable[Url] = URLS,
    served: Callable[[Principal], str] | None = None,
) -> ASGIApp:
    """Join the handlers to an application.

    Args:
        lookup: answers questions.
        parties: of the same register.
        authenticate: gives the principal of a connection.
        in_threads: whether every question to the register goes to a thread.
        close: called at the end.
        entrance: where people come in; None = the process asks itself.
        monotonic: seconds that only grow, where each request is to be logged.
        urls: the table of URLs.
        served: gives the checkpoint that is shown to others; None = the newest one.

    Raises:
        TypeError: a handler has no declared right.
    """
    desk = Desk(
        lookup, parties, in_threads=in_threads, entrance=entrance, served=served
    )

    async def provide_desk() -> Desk:
        return desk

    app = Litestar(
        route_handlers=[handler_of(url, desk) for url in urls],
        dependencies={"desk": Provide(provide_desk, use_cache=True)},
        guards=[Guard(entrance)],
        exception_handlers={Exception: answer_error},
        request_max_body_size=BODY_OCTETS,
        on_shutdown=[close],
        openapi_config=OpenAPIConfig(
            title="firtree",
            version=__version__,
            description="The register of meter firmware, with its log.",
            use_handler_docstrings=True,
            # Litestar insists on routes of its own for the document.  They serve
            # the same JSON as /openapi.json, and no page with foreign scripts.
            render_plugins=[JsonRenderPlugin()],
            components=Components(
                security_schemes={
                    "token": SecurityScheme(
                        type="http",
                        scheme="bearer",
                        description="`Authorization: Bearer firtree_…`",
                    )
                }
            ),
            security=[{"token": []}],
            openapi_router=Router(
                "/openapi",
                route_handlers=[],
                opt={"right": Right.READ_STATIC},
                include_in_schema=False,
            ),
        ),
        logging_config=None,
        debug=False,
    )
    check_rights(app)
    return Layer(app, authenticate, entrance=entrance, monotonic=monotonic)


def check_rights(app: Litestar) -> None:
    """Refuse to start with a handler that has no declared right.

    Raises:
        TypeError: names it.
    """
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            # Litestar's own answers to OPTIONS have no right; the guard refuses them.
            own = isinstance(handler, HTTPRouteHandler) and handler.http_methods == {
                HttpMethod.OPTIONS
            }
            if not own and not isinstance(handler.opt.get("right"), Right):
                raise TypeError(f"{route.path}: this handler has no declared right")
