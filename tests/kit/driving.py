"""Run Flows by hand to their end, with a record of their effects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from rekog import Credentials, RetryPolicy
from rekog._core.call import Caller
from rekog._core.flow import Blocking, Effect, HttpRequest, HttpResponse, Sleep, TakeSlot
from rekog._settings.sources import FixedSource
from rekog._settings.values import Config

if TYPE_CHECKING:
    from rekog._core.flow import Flow

KEYS = Credentials("AKIDOFATEST", "a-secret-key")
ONCE = RetryPolicy(mode="off")


def caller(*, clock: Any = None, new_token: Any = None, **settings: Any) -> Caller:
    """Return a caller with these settings, whose calls have one attempt by default."""
    values: dict[str, Any] = {"region_name": "eu-west-1", "retry": ONCE, **settings}
    return Caller(Config(**values), FixedSource(KEYS), clock=clock, new_token=new_token)


def reply(body: Any = None, status: int = 200, **headers: str) -> HttpResponse:
    """Return a response; a body that is no bytes becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return HttpResponse(status, {"x-amzn-requestid": "r-1", **headers}, content)


class Run(NamedTuple):
    """The effects of a Flow, and its value or its error."""

    effects: list[Effect]
    value: Any
    error: Exception | None

    @property
    def requests(self) -> list[HttpRequest]:
        """The requests among the effects."""
        return [effect for effect in self.effects if isinstance(effect, HttpRequest)]

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies of the requests."""
        return [json.loads(b"".join(request.content)) for request in self.requests]

    @property
    def pauses(self) -> list[float]:
        """The seconds of the pauses."""
        return [effect.seconds for effect in self.effects if isinstance(effect, Sleep)]


def run(flow: Flow[Any], *script: Any) -> Run:
    """Run a Flow whose requests have these results; an exception in place of one is raised there."""
    results, effects = iter(script), list[Effect]()
    try:
        effect = next(flow)
        while True:
            effects.append(effect)
            if isinstance(effect, HttpRequest):
                result = next(results)
                effect = flow.throw(result) if isinstance(result, Exception) else flow.send(result)
            elif isinstance(effect, TakeSlot):
                effect = flow.send(lambda: None)
            else:
                effect = flow.send(effect.function() if isinstance(effect, Blocking) else None)
    except StopIteration as end:
        return Run(effects, end.value, None)
    except Exception as error:
        return Run(effects, None, error)
