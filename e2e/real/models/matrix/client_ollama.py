"""The Python SDK of Ollama."""

import ollama
from client import Client, Form, Said


class Ollama(Client):
    dialect = "ollama"
    errors = ollama.ResponseError

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        headers = {"authorization": f"Bearer {key}"}
        self.api = ollama.Client(host=url, headers=headers, event_hooks={"response": [self.note]})

    def messages(self, question: dict):
        if "system" in question:
            yield {"role": "system", "content": question["system"]}
        for turn in question["turns"]:
            if "said" in turn:
                yield turn["said"]
            for found in turn.get("results", []):
                yield {"role": "tool", "tool_name": found["name"], "content": found["text"]}
            if "user" in turn:
                images = [part["image"] for part in turn["user"] if "image" in part]
                text = "".join(part["text"] for part in turn["user"] if "text" in part)
                yield {"role": "user", "content": text} | ({"images": images} if images else {})

    def ask(self, question: dict) -> Said:
        tools = [
            {"type": "function", "function": {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]}}
            for tool in question.get("tools", [])
        ]
        limits = {"num_predict": question.get("limit"), "temperature": question.get("temperature")}
        given = {
            "model": question["model"],
            "messages": list(self.messages(question)),
            "tools": tools or None,
            "think": True if question.get("think") else None,
            "format": Form.model_json_schema() if question.get("form") else None,
            "options": {name: value for name, value in limits.items() if value is not None},
        }
        if question["stream"]:
            chunks = []
            for chunk in self.api.chat(stream=True, **given):
                chunks.append(chunk)
                self.hear(chunk.message.content or "")
        else:
            chunks = [self.api.chat(**given)]
        return self.read(chunks, question)

    def read(self, chunks: list, question: dict) -> Said:
        text = "".join(chunk.message.content or "" for chunk in chunks)
        thoughts = "".join(chunk.message.thinking or "" for chunk in chunks)
        made = [call for chunk in chunks for call in chunk.message.tool_calls or []]
        calls = [{"id": None, "name": call.function.name, "arguments": dict(call.function.arguments)} for call in made]
        last = chunks[-1]
        end = last.done_reason if last.done else None
        took = {"input": last.prompt_eval_count, "output": last.eval_count}
        form = Form.model_validate_json(text).model_dump() if question.get("form") else None
        whole = ollama.Message(role="assistant", content=text, thinking=thoughts or None, tool_calls=made or None)
        pieces = sum(bool(chunk.message.content) for chunk in chunks)
        # Calls have no word of their own here.
        return Said(text, thoughts, calls, "calls" if calls and end == "stop" else end, took, form, pieces, whole)
