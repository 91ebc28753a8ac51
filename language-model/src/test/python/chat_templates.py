"""Reference results for chat templates, computed by Jinja2 as transformers sets it up.

    pip install jinja2==3.1.6
    python chat_templates.py corpus DIR... > cases.jsonl     # every *.jinja and tokenizer_config.json below the folders
    python chat_templates.py fuzz SEED COUNT > cases.jsonl   # random expressions and statements

Each line is {"template", "variables", "expected"}, or "refused" with Python's message in place of "expected". Compare with

    ./mvnw -pl language-model -am test -Dtest=ChatTemplateConformanceTest \
        -Dsurefire.failIfNoSpecifiedTests=false -Drespec.test.chat-cases=cases.jsonl
"""

import datetime
import itertools
import json
import pathlib
import random
import sys

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

NOW = datetime.datetime(2026, 2, 3, 4, 5, 6)


class Generation(jinja2.ext.Extension):
    """The tag that marks what an assistant said."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_say"), [], [], body).set_lineno(line)

    def _say(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


ENVIRONMENT = environment()


def case(template, variables):
    result = {"template": template, "variables": variables}
    try:
        result["expected"] = ENVIRONMENT.from_string(template).render(**json.loads(json.dumps(variables)))
    except RecursionError:
        return None
    except Exception as e:  # whatever Python refuses, we refuse too
        result["refused"] = f"{type(e).__name__}: {e}"
    return result


# --- corpus: published templates over conversations

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Reads the weather of a \"city\" & more <tags>, größer\nnext",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "Name of the city"},
                    "items": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
                    "days": {"type": "integer", "default": 3, "minimum": 1},
                    "unit": {"type": ["string", "null"], "enum": ["c", "f"], "nullable": True},
                    "ratio": {"type": "number", "maximum": 1e22},
                    "where": {
                        "type": "object",
                        "properties": {"x": {"type": "number"}, "y": {"type": "boolean"}},
                        "required": ["x"],
                    },
                },
                "required": ["city", "days"],
            },
            "return": {"type": "string"},
        },
    },
    {
        "type": "function",
        "function": {
            "name": "now",
            "description": "Tells the time",
            "parameters": {"type": "object", "properties": {}},
        },
    },
]


def call(name, arguments, **more):
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


USER = {"role": "user", "content": "  Hi, what is 1 + 1?\n"}
SYSTEM = {"role": "system", "content": "You are terse. Größe <b> 'x' \"y\"\n\n"}
ASSISTANT = {"role": "assistant", "content": "<think>\nOne and one.\n</think>\n\nIt is 2. "}
PARTS = {"role": "user", "content": [{"type": "text", "text": "Look: "}, {"type": "text", "text": "here"}]}
IMAGE = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}
REASONED = {"role": "assistant", "content": "Done.", "reasoning_content": "\nLet me see.\n", "thinking": "Let me see."}
ARGUMENTS = {"city": "Köln", "days": 2, "ratio": 0.1, "items": ["a", "b"], "where": {"x": 1e-05, "y": True}, "n": None}
ONE_CALL = {"role": "assistant", "content": "", "tool_calls": [call("get_weather", ARGUMENTS, id="abcdef123")]}
NONE_CALL = {"role": "assistant", "content": None, "tool_calls": [call("now", {}, id="call00001")]}
TEXT_CALL = {"role": "assistant", "content": "Let me look.", "tool_calls": [call("now", "{\"a\": 1}", id="call00002")]}
TWO_CALLS = {
    "role": "assistant",
    "content": "Both.",
    "tool_calls": [call("get_weather", {"city": "Rom"}, id="call00003"), call("now", {}, id="call00004")],
}


def answer(content, name="get_weather", call_id="abcdef123"):
    return {"role": "tool", "content": content, "name": name, "tool_call_id": call_id}


CONVERSATIONS = [
    [USER],
    [SYSTEM, USER],
    [USER, ASSISTANT, {"role": "user", "content": "And 2 + 2?"}],
    [SYSTEM, USER, ASSISTANT, {"role": "user", "content": "And 2 + 2?"}, {"role": "assistant", "content": "4"}],
    [PARTS],
    [SYSTEM, IMAGE],
    [USER, REASONED, {"role": "user", "content": "More"}],
    [USER, ONE_CALL, answer("{\"degrees\": 21.5}")],
    [SYSTEM, USER, ONE_CALL, answer({"degrees": 21.5, "sky": None}), {"role": "assistant", "content": "Warm."}],
    [USER, NONE_CALL, answer("12:00", "now", "call00001"), {"role": "assistant", "content": "Noon."}, USER],
    [USER, TEXT_CALL, answer("12:00", "now", "call00002")],
    [SYSTEM, USER, TWO_CALLS, answer("wet", "get_weather", "call00003"), answer("12:00", "now", "call00004")],
    [USER, USER],
    [USER, ASSISTANT],
    [ASSISTANT],
    [{"role": "developer", "content": "Be kind."}, USER],
    [SYSTEM],
    [{"role": "critic", "content": "No."}, USER],
    [USER, {"role": "assistant", "content": ""}, {"role": "user", "content": "Emoji 😀 and <|im_start|>"}],
]
OPTIONS = [
    {"add_generation_prompt": True},
    {"add_generation_prompt": False},
    {"add_generation_prompt": True, "tools": TOOLS},
    {"add_generation_prompt": False, "tools": TOOLS[:1], "enable_thinking": False, "thinking": False},
    {"add_generation_prompt": True, "enable_thinking": True, "thinking": True, "reasoning_effort": "high"},
    {
        "add_generation_prompt": True,
        "documents": [{"title": "Doc", "text": "About \"it\"."}],
        "date_string": "26 Jul 2024",
        "tools_in_user_message": False,
        "tools": TOOLS,
        "builtin_tools": ["browser", "python"],
    },
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


def templates(folders):
    for folder in map(pathlib.Path, folders):
        for file in sorted(folder.rglob("*.jinja")):
            yield str(file), file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("tokenizer_config.json")):
            found = json.loads(file.read_text(encoding="utf-8")).get("chat_template")
            for source in found if isinstance(found, list) else [{"name": "default", "template": found}]:
                if source["template"]:
                    yield f"{file}:{source['name']}", source["template"]


def corpus(folders):
    seen = set()
    for name, template in templates(folders):
        if template in seen:
            continue
        seen.add(template)
        for messages, options in itertools.product(CONVERSATIONS, OPTIONS):
            variables = {"tools": None, "documents": None, **TOKENS, **options, "messages": messages}
            result = case(template, variables)
            if result:
                yield {"name": name, **result}


# --- fuzz: random programs

VARIABLES = {
    "s": "aB c-d  e",
    "t": "  Größe: 12\u00a0\n",
    "u": "x😀y\tz",
    "e": "",
    "n": 7,
    "z": 0,
    "neg": -3,
    "big": 123456789012345678901,
    "f": 2.5,
    "small": 1e-07,
    "yes": True,
    "no": False,
    "nothing": None,
    "l": [3, 1, 2],
    "names": ["b", "A", "c", "a"],
    "mixed": [1, "1", None, 1.5, True],
    "nested": [[1, 2], [3], []],
    "empty": [],
    "d": {"b": 1, "a": {"k": "v", "items": [1]}, "items": "I", "keys": 2},
    "users": [{"name": "Bo", "age": 3, "tags": ["x"]}, {"name": "al", "age": 30}, {"name": "Cy", "age": 3, "ok": True}],
}
STRINGS = ["''", "'a'", "'b'", "' '", "'-'", "'aB c'", "'%s|%5d'", "'{} {}'", "'Ab1'", "'\\n'", "'x, y'", "\"it's\"", "'12'", "'ß'"]
NUMBERS = ["0", "1", "2", "3", "-1", "-2", "10", "0.5", "2.0", "1e3", "1_000", "17", "2.675", "1e16", "3.0e-5"]
NAMES = list(VARIABLES) + ["missing"]
TEXT_METHODS = [
    "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip()", "rstrip()",
    "strip({s})", "lstrip({s})", "rstrip({s})", "split()", "split({s})", "split({s}, {i})", "split(none, {i})", "rsplit({s}, {i})",
    "rsplit()", "rsplit(none, {i})", "splitlines()", "splitlines(true)", "startswith({s})", "endswith({s})",
    "startswith(({s}, {s}))", "startswith({s}, {i})", "endswith({s}, {i}, {i})", "find({s})", "find({s}, {i})", "rfind({s})",
    "rfind({s}, {i}, {i})", "index({s})", "rindex({s})", "count({s})", "count({s}, {i})", "replace({s}, {s})",
    "replace({s}, {s}, {i})", "join({l})", "center({i}, '*')", "ljust({i})", "rjust({i})", "center({i})", "zfill({i})", "partition({s})",
    "rpartition({s})", "removeprefix({s})", "removesuffix({s})", "expandtabs()", "expandtabs({i})", "isalpha()", "isdigit()",
    "isalnum()", "isdecimal()", "isnumeric()", "isspace()", "islower()", "isupper()", "istitle()", "isidentifier()", "isascii()",
    "isprintable()", "format({e}, {e})", "split({s})[{i}]", "format(n={e})",
]
FILTERS = [
    "trim", "trim({s})", "upper", "lower", "title", "capitalize", "length", "count", "string", "safe", "list", "first", "last",
    "reverse|list", "reverse", "sort", "sort(reverse=true)", "sort(attribute='age')", "sort(attribute='name')", "unique|list",
    "unique(attribute='age')|list", "join({s})", "join", "join({s}, attribute='name')", "map('upper')|list", "map(attribute='name')|list",
    "map(attribute='tags.0', default='?')|list", "map('int')|list", "map('string')|join('+')", "select|list", "reject|list",
    "select('number')|list", "select('string')|list", "select('>', 1)|list", "reject('in', [1, 2])|list",
    "selectattr('age', '>', 5)|list", "selectattr('ok')|list", "rejectattr('ok')|list", "selectattr('age', 'eq', 3)|map(attribute='name')|join",
    "int", "int(-1)", "int(base=16)", "float", "abs", "round", "round({i})", "round(1, 'ceil')", "round(1, 'floor')", "sum", "sum(attribute='age')",
    "sum(start={i})", "min", "max", "min(attribute='age')", "max(attribute='name')", "tojson", "tojson(indent={i})", "tojson(ensure_ascii=true)", "tojson(sort_keys=true)",
    "tojson(separators=(',', ':'))", "default({e})", "default({e}, true)", "d({e})", "dictsort", "dictsort(by='value')", "dictsort(reverse=true)", "items|list", "items",
    "batch({i})|list", "batch(2, 'x')|list", "slice({i})|list", "slice(2, 'x')|list", "replace({s}, {s})", "replace({s}, {s}, {i})", "indent", "indent({i})", "indent(2, true)",
    "indent({s}, blank=true)", "center({i})", "truncate({i})", "truncate({i}, true, '')", "wordcount", "format({e})", "format({e}, {e})", "groupby('age')",
    "groupby('name')|map('first')|list", "groupby('age')|map(attribute='list')|map('length')|list", "attr('upper')", "filesizeformat", "filesizeformat(true)", "urlencode", "e", "escape", "map('trim')|list",
    "map('tojson')|join(', ')", "batch(2)|map('join', '-')|list", "select('defined')|list", "select('mapping')|list", "length > 1",
]
TESTS = [
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "callable", "true",
    "false", "odd", "even", "lower", "upper", "divisibleby({i})", "divisibleby 3", "eq({e})", "ne {p}", "in {p}", "in({e})", "gt({e})", "lt {p}", "ge({e})", "le({e})", "filter", "test",
    "sameas(none)", "sameas true", "equalto({e})", "escaped",
]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "and", "or"]


class Fuzz:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, choices):
        return self.random.choice(choices)

    def fill(self, pattern, depth):
        while True:
            for key, make in (
                ("{s}", lambda: self.pick(STRINGS)),
                ("{i}", lambda: self.pick(["0", "1", "2", "3", "-1", "5", "12"])),
                ("{l}", lambda: self.pick(["names", "l", "['a', 'b']", "('x', 'y')", "s", "nested"])),
                ("{p}", lambda: self.primary(0)),
                ("{e}", lambda: self.expression(depth - 1)),
            ):
                if key in pattern:
                    pattern = pattern.replace(key, make(), 1)
                    break
            else:
                return pattern

    def primary(self, depth):
        kind = self.random.random()
        if kind < 0.45 or depth <= 0:
            return self.pick(NAMES) if self.random.random() < 0.6 else self.pick(STRINGS + NUMBERS)
        if kind < 0.55:
            return "[" + ", ".join(self.expression(depth - 1) for _ in range(self.random.randrange(4))) + "]"
        if kind < 0.62:
            return "{" + ", ".join(f"{self.pick(STRINGS + NUMBERS)}: {self.expression(depth - 1)}" for _ in range(self.random.randrange(3))) + "}"
        if kind < 0.68:
            return "(" + ", ".join(self.expression(depth - 1) for _ in range(2)) + ")"
        if kind < 0.73:
            return f"range({self.pick(['3', '1, 5', '5, 0, -2', 'n'])})"
        return "(" + self.expression(depth - 1) + ")"

    def postfix(self, base, depth):
        kind = self.random.random()
        if kind < 0.35:
            return f"{base}.{self.fill(self.pick(TEXT_METHODS), depth)}"
        if kind < 0.45:
            return f"{base}[{self.expression(depth - 1)}]"
        if kind < 0.6:
            bound = lambda: self.pick(["", "", "0", "1", "-1", "2", "-2", "9", "n", "nothing"])
            return f"{base}[{bound()}:{bound()}]" if self.random.random() < 0.6 else f"{base}[{bound()}:{bound()}:{self.pick(['', '1', '2', '-1', '-2'])}]"
        if kind < 0.8:
            return f"{base}.{self.pick(['items()', 'keys()', 'values()|list', 'get({s})', 'get({s}, {e})', 'a', 'a.k', 'name', 'items', '0', '1', 'index({e})', 'count({e})', 'copy()', 'append(1)', 'a.items', 'keys()|list', 'items()|list', 'missing', 'missing.x'])}"
        return f"{base}['{self.pick(['a', 'b', 'items', 'keys', 'zz', 'name', 'upper'])}']"

    def expression(self, depth):
        if depth <= 0:
            return self.primary(0)
        kind = self.random.random()
        if kind < 0.2:
            return self.primary(depth)
        if kind < 0.42:
            return self.fill(self.postfix(self.primary(depth - 1), depth), depth)
        if kind < 0.68:
            return f"{self.primary(depth)}|{self.fill(self.pick(FILTERS), depth)}"
        if kind < 0.76:
            return f"{self.primary(depth)} is {self.pick(['', '', 'not '])}{self.fill(self.pick(TESTS), depth)}"
        if kind < 0.92:
            return f"{self.expression(depth - 1)} {self.pick(OPERATORS)} {self.expression(depth - 1)}"
        if kind < 0.95:
            return f"{self.pick(['not ', '-', '+'])}{self.primary(depth)}"
        if kind < 0.97:
            return f"{self.expression(0)} {self.pick(['<', '==', '>=', 'in'])} {self.expression(0)} {self.pick(['<', '!=', '<='])} {self.expression(0)}"
        return f"{self.expression(depth - 1)} if {self.expression(depth - 1)}" + (f" else {self.expression(depth - 1)}" if self.random.random() < 0.7 else "")

    def tag(self, inside):
        return "{%" + self.pick(["", "", "", "-", "+"]) + f" {inside} " + self.pick(["", "", "", "-", "+"]) + "%}"

    def output(self, depth=2):
        return "{{" + self.pick(["", "", "", "-"]) + f" {self.expression(depth)} " + self.pick(["", "", "", "-"]) + "}}"

    def text(self):
        return self.pick(["", "x", " ", "\n", "  \n", "\n\n", " y\n  ", "\t", "{# c #}", "  {#- c -#}\n", "a b"])

    def body(self, depth):
        return "".join(self.text() + self.statement(depth - 1) + self.text() for _ in range(self.random.randrange(1, 3)))

    def statement(self, depth):
        if depth <= 0:
            return self.pick([self.output(1), self.output(1), "{{ x }}", "{{ v }}", "{{ loop.index }}", "{{ ns.k }}", "{{ loop.last }}{{ loop.revindex }}"])
        kind = self.random.randrange(14)
        body = lambda: self.body(depth)
        end = lambda name: self.tag("end" + name)
        if kind < 3:
            source = self.pick(["l", "users", "d", "d.items()", "names|reverse", "nested", "s", "range(n)", "l|select('>', 1)", "d|items", "missing", "mixed"])
            target = "k, v" if "items" in source else self.pick(["x", "x", "v", "x, v"])
            condition = self.pick(["", "", "", " if x", " if loop", " if x is odd", " if n > 3"])
            control = self.pick(["", "", self.tag("break"), self.tag("continue"), self.tag("if loop.index > 1") + self.tag("break") + end("if")])
            loop = self.pick(["", "{{ loop.first }}", "{{ loop.length }}", "{{ loop.previtem }}", "{{ loop.nextitem }}", "{{ loop.cycle('a', 'b') }}", "{{ loop.changed(x) }}", "{{ loop.depth }}", "{{ loop.index0 }}"])
            return self.tag(f"for {target} in {source}{condition}") + loop + body() + control + self.pick(["", self.tag("else") + body()]) + end("for")
        if kind < 5:
            return self.tag(f"if {self.expression(2)}") + body() + self.pick(["", self.tag("else") + body(), self.tag(f"elif {self.expression(1)}") + body()]) + end("if")
        if kind < 7:
            return self.tag(f"set {self.pick(['x', 'v', 'n', 'x, v', 'ns.k'])} = {self.expression(2)}")
        if kind == 7:
            return self.tag(f"set {self.pick(['x', 'v'])}{self.pick(['', '|upper', '|trim|length'])}") + body() + end("set")
        if kind == 8:
            return self.tag("set ns = namespace(k=" + self.expression(1) + ")")
        if kind == 9:
            call = "{{ m(" + self.pick(["", "1", "x=s", "n, v=l", "1, 2, 3", "*l"]) + ") }}"
            return self.tag("macro m(x, v=" + self.expression(1) + ")") + body() + self.pick(["", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}"]) + end("macro") + call
        if kind == 10:
            return self.tag("macro c(v)") + "<{{ caller(v) }}>" + end("macro") + self.tag("call(x) c(" + self.expression(1) + ")") + body() + end("call")
        if kind == 11:
            return self.tag("filter " + self.pick(["upper", "trim", "replace('x', 'y')", "length"])) + body() + end("filter")
        if kind == 12:
            return self.tag(f"with x = {self.expression(1)}, v = x") + body() + end("with")
        return self.pick([self.tag("generation") + body() + end("generation"), self.tag("raw") + "{{ x }} {% if %}" + self.tag("endraw")])

    def template(self):
        if self.random.random() < 0.6:
            return "{{ " + self.expression(3) + " }}"
        return "".join(self.text() + self.statement(3) + self.text() for _ in range(self.random.randrange(1, 4)))


def fuzz(seed, count):
    source = Fuzz(seed)
    for _ in range(count):
        result = case(source.template(), VARIABLES)
        if result and "at 0x" not in result.get("expected", "") and len(result.get("expected", "")) < 2000:
            del result["variables"]
            yield result


def main(command, *arguments):
    cases = corpus(arguments) if command == "corpus" else fuzz(int(arguments[0]), int(arguments[1]))
    if command == "fuzz":
        print(json.dumps({"variables": VARIABLES}))
    for result in cases:
        print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
