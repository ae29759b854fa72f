"""A web application made with FastAPI, as its users write them: it knows nothing of tools.

Its own /openapi.json describes it. It needs a bearer token for what changes something: `shop-token`.
"""

from enum import Enum
from typing import Annotated

from fastapi import Body, Depends, FastAPI, Form, Header, HTTPException, Path, Query, UploadFile
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from serving import serve


class Kind(str, Enum):
    cat = "cat"
    dog = "dog"


class Owner(BaseModel):
    name: str
    friend: "Owner | None" = None


class Pet(BaseModel):
    name: str = Field(min_length=1)
    kind: Kind
    price: float | None = Field(default=None, gt=0)
    tags: list[str] = []
    owner: Owner | None = None


class Stored(Pet):
    id: int


def known(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    if given.credentials != "shop-token":
        raise HTTPException(403, "this token is not known")


app = FastAPI(title="Shop", version="1")
pets: dict[int, Stored] = {1: Stored(id=1, name="Tom", kind=Kind.cat, tags=["grey", "a&b"])}
PetId = Annotated[int, Path(ge=1)]


@app.get("/pets")
def list_pets(
    kind: Kind | None = None,
    tag: Annotated[list[str] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    x_language: Annotated[str | None, Header()] = None,
) -> dict:
    """The pets of a kind that have all tags."""
    found = [pet for pet in pets.values() if kind in (None, pet.kind) and set(tag or []) <= set(pet.tags)]
    return {"pets": found[:limit], "language": x_language, "tags": tag}


@app.get("/pets/{pet_id}")
def get_pet(pet_id: PetId) -> Stored:
    if pet_id not in pets:
        raise HTTPException(404, f"there is no pet {pet_id}")
    return pets[pet_id]


@app.post("/pets", status_code=201, dependencies=[Depends(known)])
def add_pet(pet: Pet) -> Stored:
    stored = Stored(id=max(pets) + 1, **pet.model_dump())
    pets[stored.id] = stored
    return stored


@app.patch("/pets/{pet_id}", dependencies=[Depends(known)])
def change_price(pet_id: PetId, price: Annotated[float, Body(embed=True)]) -> Stored:
    pets[pet_id].price = price
    return pets[pet_id]


@app.delete("/pets/{pet_id}", status_code=204, dependencies=[Depends(known)])
def remove_pet(pet_id: PetId) -> None:
    del pets[pet_id]


@app.post("/pets/{pet_id}/photo", dependencies=[Depends(known)])
async def add_photo(pet_id: PetId, photo: UploadFile, caption: Annotated[str, Form()]) -> dict:
    return {"pet": pet_id, "caption": caption, "type": photo.content_type, "bytes": list(await photo.read())}


if __name__ == "__main__":
    serve(app, {"document": "http:/openapi.json"})
