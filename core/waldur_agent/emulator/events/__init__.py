"""What a Waldur tells its agents through RabbitMQ, sent to a real broker.

:mod:`.changes` sees what a request (or a test) has changed, :mod:`.payloads` writes it down as servers of different
times do, :mod:`.routes` finds the queues and topics that it goes to, and :mod:`.publisher` sends it; meanwhile
:mod:`.provision` makes vhosts, logins and queues. :class:`.feed.EventFeed` holds them together.
"""

from __future__ import annotations
