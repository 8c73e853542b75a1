"""Sets aside the keys of records that an import will make, so that a batch which runs twice makes nothing twice."""

from __future__ import annotations

from typing import Any

from django.db import connection

from core.people.models import Contact, FormGroup, Membership, Placement, Pupil, RoleHolding, User
from core.roll.enums import Entity
from core.roll.models import ProposedDoNotInform

MODELS: dict[Entity, Any] = {
    Entity.USER: User,
    Entity.MEMBERSHIP: Membership,
    Entity.FORM: FormGroup,
    Entity.PUPIL: Pupil,
    Entity.PLACEMENT: Placement,
    Entity.CONTACT: Contact,
    Entity.PROPOSAL: ProposedDoNotInform,
    Entity.ROLE: RoleHolding,
}
_LARGEST_BLOCK = 1_000


class DatabaseKeys:
    """Takes keys from each table's own sequence, in blocks that grow with the need. Keys left over are never used."""

    def __init__(self) -> None:
        self._free: dict[Entity, list[int]] = {}
        self._block: dict[Entity, int] = {}

    def take(self, entity: Entity) -> int:
        """The next key of a record of that kind."""
        free = self._free.get(entity)
        if not free:
            size = min(self._block.get(entity, 10) * 2, _LARGEST_BLOCK)
            self._block[entity] = size
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [MODELS[entity]._meta.db_table, size],
                )
                free = self._free[entity] = [int(key) for (key,) in cursor.fetchall()][::-1]
        return free.pop()
