"""The Python SDK of Anthropic."""

import anthropic
from client import Client, Form, Said


class Messages(Client):
    dialect = "anthropic"
    errors = anthropic.APIError
    ENDS = {"end_turn": "stop", "max_tokens": "length", "tool_use": "calls", "refusal": "filter"}

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        http = anthropic.DefaultHttpxClient(event_hooks={"response": [self.note]})
        self.api = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, http_client=http)

    def part(self, part: dict) -> dict:
        if "text" in part:
            return {"type": "text", "text": part["text"]}
        return {"type": "image", "source": {"type": "base64", "media_type": part["type"], "data": part["image"]}}

    def message(self, turn: dict) -> dict:
        if "said" in turn:
            return {"role": "assistant", "content": turn["said"]}
        results = [
            {"type": "tool_result", "tool_use_id": found["id"], "content": found["text"]} for found in turn.get("results", [])
        ]
        return {"role": "user", "content": results + [self.part(part) for part in turn.get("user", [])]}

    def ask(self, question: dict) -> Said:
        given = {
            "model": question["model"],
            "max_tokens": question.get("limit", 2048),
            "messages": [self.message(turn) for turn in question["turns"]],
        }
        if "system" in question:
            given["system"] = question["system"]
        if question.get("tools"):
            tools = question["tools"]
            given["tools"] = [
                {"name": tool["name"], "description": tool["description"], "input_schema": tool["schema"]} for tool in tools
            ]
        if question.get("think"):
            given["thinking"] = {"type": "enabled", "budget_tokens": 1024}
        if "temperature" in question:
            given["extra_body"] = {"temperature": question["temperature"]}
        form = {"output_format": Form} if question.get("form") else {}
        if not question["stream"]:
            messages = self.api.messages
            return self.read(messages.parse(**form, **given) if form else messages.create(**given), 0)
        pieces = 0
        with self.api.messages.stream(**form, **given) as events:
            for event in events:
                if event.type == "text":
                    self.hear(event.text)
                    pieces += 1
            return self.read(events.get_final_message(), pieces)

    def read(self, done, pieces: int) -> Said:
        def of(kind: str):
            return [block for block in done.content if block.type == kind]

        calls = [{"id": block.id, "name": block.name, "arguments": block.input} for block in of("tool_use")]
        usage = done.usage
        cached = usage.cache_read_input_tokens or 0
        took = {
            "input": usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0),
            "output": usage.output_tokens,
            "cached": cached,
        }
        text, thoughts = "".join(block.text for block in of("text")), "".join(block.thinking for block in of("thinking"))
        parsed = getattr(done, "parsed_output", None)
        form = parsed.model_dump() if isinstance(parsed, Form) else None
        return Said(text, thoughts, calls, self.ENDS.get(done.stop_reason, done.stop_reason), took, form, pieces, done.content)
