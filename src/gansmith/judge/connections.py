"""Connections that ask for nothing are closed, so that who has no token cannot keep raters out by opening many.

uvicorn counts every open connection against its limit, and waits for ever for the first request of one.
"""

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    Protocol = AutoHTTPProtocol

MOST_OF_ONE_ADDRESS = 128


class Connection(Protocol):
    """uvicorn's own, which gives up on who does not finish a request, and on who comes too often at once.

    Check: a connection that sends nothing, or half a request, is closed within twice ``patience_seconds``; one that
        waits for its answer, or between two requests, is uvicorn's affair.
    """

    patience_seconds = 5.0
    was_waiting = False

    def connection_made(self, transport: Any) -> None:
        """Count it, and look at it now and then."""
        super().connection_made(transport)
        if self._of_this_address() > MOST_OF_ONE_ADDRESS:
            transport.abort()
        self._look_again()

    def _of_this_address(self) -> int:
        """How many there are; of this machine's own, which a proxy may share, none are counted."""
        host = self.client[0] if self.client else "127.0.0.1"
        if ipaddress.ip_address(host).is_loopback:
            return 0
        ours = (one for one in self.connections if isinstance(one, Connection))
        return sum(one.client is not None and one.client[0] == host for one in ours)

    def _look_again(self) -> None:
        asyncio.get_running_loop().call_later(self.patience_seconds, self._look)

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        answering = self.cycle is not None and not self.cycle.response_complete
        waiting = not answering and self.timeout_keep_alive_task is None
        if waiting and self.was_waiting:
            self.transport.abort()
            return
        self.was_waiting = waiting
        self._look_again()
