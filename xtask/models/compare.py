"""Compares the table of models with the package genai-prices: the prices of the models that both name alike.

The words after the script's name are the table and the day whose prices are asked for. What differs is printed line by line:
the table's name, the price, what the table says, what the package says. The last line counts.
"""

import datetime
import sys
from decimal import Decimal

from genai_prices.data import providers

# What the package calls a provider, and what stands before its models' names in the table.
PREFIXES = {
    "anthropic": "",
    "aws": "",
    "azure": "azure/",
    "cerebras": "cerebras/",
    "cohere": "",
    "deepseek": "deepseek/",
    "fireworks": "fireworks_ai/",
    "google": "gemini/",
    "groq": "groq/",
    "minimax": "minimax/",
    "mistral": "mistral/",
    "moonshotai": "moonshot/",
    "openai": "",
    "perplexity": "perplexity/",
    "together": "together_ai/",
    "voyageai": "voyage/",
    "x-ai": "xai/",
    "zai": "zai/",
}
# The letters of the table, and the members of the package.
PRICES = {
    "i": "input_mtok",
    "o": "output_mtok",
    "r": "cache_read_mtok",
    "w": "cache_write_mtok",
    "h": "cache_write_1h_mtok",
}


def main(table, day):
    ours = dict(read(line) for line in open(table, encoding="utf-8") if not line.startswith("#"))
    # An hour at which no provider gives a discount: the table has the prices without.
    hour = datetime.datetime.fromisoformat(f"{day}T08:00:00+00:00")
    counts = {letter: [0, 0] for letter in PRICES}
    models = agreeing = 0
    for provider in providers:
        prefix = PREFIXES.get(provider.id)
        for model in provider.models if prefix is not None else []:
            name = prefix + model.id
            if not ours.get(name):
                continue
            models += 1
            differing = compare(name, ours[name], model.get_prices(hour), counts)
            agreeing += not differing
            print("".join(line + "\n" for line in differing), end="")
    parts = ", ".join(f"{PRICES[letter]} {same} of {both}" for letter, (same, both) in counts.items())
    print(f"{agreeing} of {models} models agree; {parts}")


def read(line):
    """The name of a model, and its usual prices: for each length of input from which they hold, by letter."""
    columns = line.rstrip("\n").split("\t")
    tiers = [(0, {})]
    for word in columns[7].split("/")[0].split():
        if word[0] == ">":
            tiers.append((int(word[1:]), {}))
        else:
            tiers[-1][1][word[0]] = Decimal(word[1:])
    return columns[0], {above: prices for above, prices in tiers if prices}


def compare(name, ours, theirs, counts):
    differing = []
    for letter, member in PRICES.items():
        price = getattr(theirs, member, None)
        if price is None or letter not in ours[0]:
            continue
        published = {0: price} if isinstance(price, Decimal) else {0: price.base, **{tier.start: tier.price for tier in price.tiers}}
        counts[letter][1] += 1
        # Where only one has a tier, the price of the other goes on.
        same = all(at(published, above) == at({start: prices.get(letter) for start, prices in ours.items()}, above)
                   for above in {*published, *ours})
        counts[letter][0] += same
        if not same:
            own = " ".join(f">{above} {prices.get(letter)}" if above else f"{prices[letter]}" for above, prices in ours.items())
            other = " ".join(f">{above} {rate}" if above else f"{rate}" for above, rate in published.items())
            differing.append(f"{name}: {member} is {own} in the table and {other} in genai-prices")
    return differing


def at(prices, above):
    return prices[max(start for start in prices if start <= above)]


main(*sys.argv[1:])
