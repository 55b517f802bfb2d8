# SPDX-License-Identifier: GPL-2.0
"""What is told step by step, each claim with the second look that proves it."""

from mmscope import answer, output

_TRIES = 5


def steady(first, second):
    """Two looks at what may change between them, as a pair: again while they differ, since
    only a difference that stays is one."""
    for _ in range(_TRIES):
        looks = first(), second()
        if looks[0] == looks[1]:
            break
    return looks


def _word(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return " ".join(map(_word, value)) or "none"
    return str(value)


class Proof:
    """Steps, each with what it says and the looks that were compared."""

    def __init__(self, name, request):
        self.name = name
        self.request = request
        self.steps = []
        self.summary = None

    def step(self, title):
        """What follows belongs to this step."""
        self.steps.append({"title": title, "says": [], "facts": {}, "tables": [], "proofs": []})

    def say(self, text, **facts):
        """A sentence for people, and its facts for programs."""
        self.steps[-1]["says"].append(text)
        self.steps[-1]["facts"].update(facts)

    def table(self, rows, columns):
        """Some columns of records."""
        self.steps[-1]["tables"].append([{column: row.get(column) for column in columns}
                                         for row in rows])

    def agree(self, what, first, second):
        """Compare two looks, each (who says it, what): True if they are equal."""
        equal = first[1] == second[1]
        self.steps[-1]["proofs"].append({
            "what": what, "agree": equal,
            "looks": [{"look": look, "says": value} for look, value in (first, second)]})
        return equal

    @property
    def proofs(self):
        """Of all steps."""
        return [proof for step in self.steps for proof in step["proofs"]]

    @property
    def disagreements(self):
        """Those whose two looks differ."""
        return [proof for proof in self.proofs if not proof["agree"]]

    def data(self):
        """For programs."""
        return {"journey": self.name, "request": self.request, "steps": self.steps,
                "summary": self.summary, "looks_compared": len(self.proofs),
                "disagreements": self.disagreements}

    def lines(self):
        """For people."""
        for place, step in enumerate(self.steps, 1):
            yield output.paint(f"{place}. {step['title']}", output.BOLD)
            for text in step["says"]:
                yield f"   {text}"
            for rows in step["tables"]:
                if rows:
                    yield from (f"   | {line}" for line in output.table(rows, list(rows[0])))
            for proof in step["proofs"]:
                yield f"   {sentence(proof)}"
        if self.summary:
            yield f"=> {self.summary}"
        wrong = self.disagreements
        if wrong:
            yield output.paint(f"=> {len(wrong)} of {len(self.proofs)} looks DISAGREE:", output.RED)
            yield from (f"   {sentence(proof)}" for proof in wrong)
        elif self.proofs:
            yield output.paint(f"=> all {len(self.proofs)} looks agree", output.GREEN)

    def show(self, as_json):
        """Print all of it; the exit status."""
        if as_json:
            output.show_json(self.data())
        else:
            print("\n".join(self.lines()))
        return answer.DISAGREE if self.disagreements else answer.OK


def sentence(proof):
    """One comparison, for people."""
    first, second = proof["looks"]
    verdict = (output.paint("agree", output.GREEN) if proof["agree"]
               else output.paint("DISAGREE", output.RED))
    return (f"{proof['what']}: {first['look']} says {_word(first['says'])}, "
            f"{second['look']} says {_word(second['says'])}: {verdict}")
