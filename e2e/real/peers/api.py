"""Uses the application of shop.py through a hub that has made tools of its /openapi.json, with the official Python SDK.

    python api.py URL SERVER OPEN

SERVER is the server with the token of the application, OPEN the same without one. Prints a line of JSON for each thing
done, and what was wrong with it.
"""

import asyncio
import base64
import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sdk  # noqa: E402

TOOLS = [
    "add_pet_pets_post",
    "add_photo_pets__pet_id__photo_post",
    "change_price_pets__pet_id__patch",
    "get_pet_pets__pet_id__get",
    "list_pets_pets_get",
    "remove_pet_pets__pet_id__delete",
]


class Shop:
    def __init__(self, client, server: str, listed: list) -> None:
        self.client, self.server = client, server
        own = [tool for tool in listed if tool.name.startswith(f"{server}__")]
        self.tools = {tool.name.split("__", 1)[1]: tool.model_dump(by_alias=True, exclude_none=True) for tool in own}

    async def call(self, tool: str, **arguments) -> tuple[bool, object]:
        """Whether it went wrong, and the answer: JSON taken apart where it is some."""
        result = await sdk.call(self.client, f"{self.server}__{tool}", arguments)
        structured = result.get("structuredContent")
        text = "".join(block.get("text", "") for block in result["content"])
        return bool(result.get("isError")), text if structured is None else structured


async def list_tools(shop: Shop) -> None:
    assert sorted(shop.tools) == TOOLS, sorted(shop.tools)
    hints = {name: tool.get("annotations", {}) for name, tool in shop.tools.items()}
    assert hints["list_pets_pets_get"]["readOnlyHint"] is True, hints
    assert hints["remove_pet_pets__pet_id__delete"]["destructiveHint"] is True, hints


async def path_query_header(shop: Shop) -> None:
    failed, answer = await shop.call("list_pets_pets_get", kind="cat", tag=["grey", "a&b"], limit=5, **{"x-language": "de"})
    assert not failed and (answer["language"], answer["tags"]) == ("de", ["grey", "a&b"]), answer
    assert [pet["name"] for pet in answer["pets"]] == ["Tom"], answer
    failed, answer = await shop.call("get_pet_pets__pet_id__get", pet_id=1)
    assert not failed and answer["name"] == "Tom", answer


async def body(shop: Shop) -> None:
    pet = {"name": "Rex", "kind": "dog", "price": 12.5, "tags": [], "owner": {"name": "Ada", "friend": {"name": "Bo"}}}
    failed, stored = await shop.call("add_pet_pets_post", body=pet)
    assert not failed and stored["id"] == 2 and stored["owner"]["friend"]["name"] == "Bo", stored
    failed, changed = await shop.call("change_price_pets__pet_id__patch", pet_id=2, body={"price": 9.5})
    assert not failed and changed["price"] == 9.5, changed


async def file(shop: Shop) -> None:
    photo = base64.b64encode(bytes(range(8))).decode()
    form = {"photo": photo, "caption": "Grüße & more"}
    failed, answer = await shop.call("add_photo_pets__pet_id__photo_post", pet_id=1, body=form)
    assert not failed and (answer["bytes"], answer["caption"]) == (list(range(8)), "Grüße & more"), answer


async def nothing(shop: Shop) -> None:
    failed, _ = await shop.call("remove_pet_pets__pet_id__delete", pet_id=2)
    assert not failed
    failed, answer = await shop.call("get_pet_pets__pet_id__get", pet_id=2)
    assert failed and "404" in str(answer) and "there is no pet 2" in str(answer), answer


async def wrong_arguments(shop: Shop) -> None:
    """The application's own words reach the client, or the hub's where it knows already."""
    failed, answer = await shop.call("list_pets_pets_get", limit=1000)
    assert failed and "limit" in str(answer) and "100" in str(answer), answer


async def no_token(shop: Shop) -> None:
    failed, answer = await shop.call("remove_pet_pets__pet_id__delete", pet_id=1)
    assert failed and ("401" in str(answer) or "403" in str(answer)), answer
    failed, answer = await shop.call("get_pet_pets__pet_id__get", pet_id=1)
    assert not failed and answer["id"] == 1, answer


async def main(url: str, server: str, without_token: str) -> None:
    async with sdk.connected(url, "modern", 30) as (client, _):
        listed = (await client.list_tools()).tools
        shop, other = Shop(client, server, listed), Shop(client, without_token, listed)
        for check in (list_tools, path_query_header, body, file, nothing, wrong_arguments, no_token):
            problem = None
            try:
                await check(other if check is no_token else shop)
            except Exception as error:  # the other checks are made all the same
                problem = sdk.said(error)
            print(json.dumps({"check": f"FastAPI: {check.__name__}", "problem": problem}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    asyncio.run(main(*sys.argv[1:]))
