"""The mutations of companies."""

from collections.abc import Sequence

import strawberry
from strawberry import Maybe

from crmgraph.api.context import Asking
from crmgraph.api.entities import Company
from crmgraph.api.fields import plain
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.parts import AddressInput, CustomValueInput, PhoneInput, UserRefInput
from crmgraph.api.writes.requests import Changing, Naming, Request
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, written
from crmgraph.domain.model import Kind
from crmgraph.service.writing.changes import Change


@strawberry.input
class CompanyValues:
    """What can be written of a company beside its name. What is left out stays; null clears."""

    domain: Maybe[str | None] = plain("Its internet domain.")
    website: Maybe[str | None] = plain("Its website.")
    email: Maybe[str | None] = plain("Its e-mail address.")
    phones: Maybe[list[PhoneInput] | None] = plain("Its phone numbers, all of them, the main one first.")
    addresses: Maybe[list[AddressInput] | None] = plain("Its postal addresses, all of them.")
    industry: Maybe[str | None] = plain("What it does, by name.")
    owner: Maybe[UserRefInput | None] = plain("Who looks after it.")
    tags: Maybe[list[str] | None] = plain("Tags by name, all of them.")
    custom_fields: Maybe[list[CustomValueInput] | None] = plain("Custom fields; those that are left out stay.")


@strawberry.input(description="A new company.")
class CreateCompanyInput(CompanyValues, Request):
    name: str = plain("Its name.")


@strawberry.input(description="A change of a company.")
class UpdateCompanyInput(CompanyValues, Changing):
    name: Maybe[str | None] = plain("Its name.")


@strawberry.input(description="A company to be deleted.")
class DeleteCompanyInput(Naming): ...


@strawberry.type
class CompanyPayload(Payload):
    """What mutations of a company answer."""

    @strawberry.field(description="The company as it is now; null when nothing was written or it is gone.")
    async def company(self, info: Asking) -> Company | None:
        found = await self.written(info)
        return None if found is None else Company(entity=found)


@strawberry.type(description="What became of createCompany.")
class CreateCompanyPayload(CompanyPayload): ...


@strawberry.type(description="What became of updateCompany.")
class UpdateCompanyPayload(CompanyPayload): ...


@strawberry.type(description="What became of deleteCompany.")
class DeleteCompanyPayload(CompanyPayload): ...


@strawberry.type
class CompanyMutations:
    @strawberry.mutation(
        description="Make a company: in the sources that are named, or in the most trusted one that can."
    )
    async def create_company(self, info: Asking, input: CreateCompanyInput) -> CreateCompanyPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.COMPANY)
            return desk.things.created(Kind.COMPANY, values, names_of(input.sources))

        return await written(info, "createCompany", input, CreateCompanyPayload, decide)

    @strawberry.mutation(description="Change a company.")
    async def update_company(self, info: Asking, input: UpdateCompanyInput) -> UpdateCompanyPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.COMPANY)
            return await desk.things.updated(Kind.COMPANY, str(input.id), values, input.condition())

        return await written(info, "updateCompany", input, UpdateCompanyPayload, decide)

    @strawberry.mutation(description="Delete a company.")
    async def delete_company(self, info: Asking, input: DeleteCompanyInput) -> DeleteCompanyPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await desk.things.deleted(Kind.COMPANY, str(input.id))

        return await written(info, "deleteCompany", input, DeleteCompanyPayload, decide)
