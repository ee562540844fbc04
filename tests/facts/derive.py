#!/usr/bin/env python3
"""Derives the facts of the REST protocol that the operation table is held against.

    derive.py OLDER.json NEWER.json OUT_OLDER.txt OUT_NEWER.txt

Both inputs are OpenAPI documents of the protocol, of two of its levels. The outputs hold names, types, bounds, patterns, enums and status
codes, a line each, and no prose. Schemas stand under the name that the newer level has for them, so that the two can be compared; scalars,
enums and filters stand where they are used.

Types: text, int32, int64, int, number, bool, any, binary; [min..max] bounds, /pattern/; list(T), map(T), enum(A|B), one(T|T),
filter(T: operators); anything else is the name of an object. After a field's name: `!` is required, `?` may be null.
"""
import json
import sys

METHODS = ("get", "post", "put", "patch", "delete")
FORMATS = {"date-time", "binary", "uri", "uri-reference", "base64"}
ONE = {"$eq", "$neq", "$gt", "$gte", "$lt", "$lte"}
MANY = {"$in", "$notIn"}


def name_of(reference):
    return reference.rsplit("/", 1)[1]


class Level:
    """One document, normalized: objects by name, types as text."""

    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.objects = {}
        self.choices = {}
        self.renamed = {}

    def resolve(self, schema):
        name, nullable = None, False
        while True:
            nullable = nullable or schema.get("nullable", False)
            if "$ref" in schema:
                name = name_of(schema["$ref"])
                schema = self.schemas[name]
            elif len(schema.get("allOf", [])) == 1 and "properties" not in schema:
                schema = schema["allOf"][0]
            else:
                return name, schema, nullable

    def type_of(self, schema, hint):
        """The type as text, and whether it may be null."""
        name, schema, nullable = self.resolve(schema)
        return self.plain(name or hint, schema), nullable

    def plain(self, name, schema):
        if "oneOf" in schema:
            return self.choice(name, schema)
        if "enum" in schema:
            return "enum(" + "|".join(sorted(str(value) for value in schema["enum"])) + ")"
        kind = schema.get("type")
        if kind == "array":
            item, _ = self.type_of(schema["items"], name + "Item")
            return f"list({item})" + bounds(schema.get("minItems"), schema.get("maxItems"))
        if kind == "object" or "properties" in schema:
            if "properties" not in schema:
                more = schema.get("additionalProperties")
                inner = self.type_of(more, name + "Value")[0] if isinstance(more, dict) and more else "any"
                return f"map({inner})"
            return self.object(name, schema)
        if kind == "string":
            shape = schema.get("format") if schema.get("format") in FORMATS else "text"
            # The same in two spellings.
            pattern = f" /{schema['pattern']}/".replace("+\\-]", "+-]") if "pattern" in schema else ""
            return shape + bounds(schema.get("minLength"), schema.get("maxLength")) + pattern
        if kind == "integer":
            shape = schema.get("format") if schema.get("format") in ("int32", "int64") else "int"
            return shape + bounds(schema.get("minimum"), schema.get("maximum"))
        return {"number": "number", "boolean": "bool", None: "any"}[kind]

    def choice(self, name, schema):
        kinds = []
        for at, option in enumerate(schema["oneOf"]):
            kind, _ = self.type_of(option, f"{name}Option{at + 1}")
            if kind not in kinds:
                kinds.append(kind)
        if len(kinds) == 1:
            return kinds[0]
        if len(kinds) == 2 and kinds[1] in self.objects:
            operators = filter_of(kinds[0], self.objects[kinds[1]])
            if operators:
                return f"filter({kinds[0]}: {operators})"
        return "one(" + "|".join(kinds) + ")"

    def object(self, name, schema):
        if name not in self.objects:
            self.objects[name] = []
            required = set(schema.get("required", []))
            for field, inner in schema["properties"].items():
                kind, nullable = self.type_of(inner, name + field.lstrip("$")[:1].upper() + field.lstrip("$")[1:])
                flags = ("!" if field in required else "") + ("?" if nullable else "")
                self.objects[name].append((field, flags, kind))
        return name

    def operations(self):
        found = {}
        for path, methods in self.document["paths"].items():
            for method in METHODS:
                if method in methods:
                    operation = methods[method]
                    found[operation["operationId"]] = (method.upper(), path, operation)
        return found

    def operation(self, method, path, operation):
        name = operation["operationId"]
        lines = [f"operation {name} {method} {path} since {operation['x-added-in-version']} tag {operation['tags'][0]}"]
        title = name[:1].upper() + name[1:]
        for parameter in operation.get("parameters", []):
            kind, _ = self.type_of(parameter["schema"], title + "Parameter")
            flags = "!" if parameter.get("required") else ""
            lines.append(f"  {parameter['in']} {parameter['name']}{flags} {kind}")
        body = operation.get("requestBody")
        if body:
            media, content = next(iter(body["content"].items()))
            flags = "!" if body.get("required") else ""
            lines.append(f"  body{flags} {media} {self.type_of(content['schema'], title + 'Data')[0]}")
        for status, response in sorted(operation["responses"].items()):
            content = response.get("content", {})
            media = next((m for m in content if m != "application/problem+json"), None)
            if int(status) >= 400 or media is None:
                lines.append(f"  {status}")
            else:
                lines.append(f"  {status} {media} {self.type_of(content[media]['schema'], title + 'Result')[0]}")
        return lines


def bounds(low, high):
    if low is None and high is None:
        return ""
    return f"[{'' if low is None else low}..{'' if high is None else high}]"


def filter_of(scalar, fields):
    """The operators of an object that is a filter over a scalar; none if it is something else."""
    for field, flags, kind in fields:
        wanted = scalar if field in ONE else f"list({scalar})" if field in MANY else None
        if field == "$exists":
            wanted = "bool"
        if field == "$like":
            wanted = "text"
        if flags or kind != wanted:
            return None
    return " ".join(field for field, _, _ in fields)


def words(kind):
    """A type's parts, names apart from punctuation."""
    out, word = [], ""
    for letter in kind:
        if letter.isalnum() or letter == "_":
            word += letter
        else:
            out += [word] if word else []
            out.append(letter)
            word = ""
    return out + ([word] if word else [])


def rename(older, newer, kind, wanted, names):
    """Notes the newer level's names of what stands in the same place."""
    left = [word for word in words(kind) if word in older.objects]
    right = [word for word in words(wanted) if word in newer.objects]
    for a, b in zip(left, right) if len(left) == len(right) else ():
        if (a, b) in names:
            continue
        names.add((a, b))
        fields = {field: kind for field, _, kind in newer.objects[b]}
        for field, _, inner in older.objects[a]:
            if field in fields:
                rename(older, newer, inner, fields[field], names)


def with_names(kind, names):
    return "".join(names.get(word, word) for word in words(kind))


def reachable(lines, objects):
    queue, seen = [word for line in lines for word in words(line.split(" ", 3)[-1])], set()
    while queue:
        word = queue.pop()
        if word in objects and word not in seen:
            seen.add(word)
            queue += [part for _, _, kind in objects[word] for part in words(kind)]
    return seen


def write(path, lines, objects):
    kept = reachable([line for line in lines if line.startswith("  ")], objects)
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
        for name in sorted(kept):
            out.write(f"object {name}\n")
            for field, flags, kind in sorted(objects[name]):
                out.write(f"  {field}{flags} {kind}\n")


def main():
    older, newer = (Level(json.load(open(path, encoding="utf-8"))) for path in sys.argv[1:3])
    new_lines = {name: newer.operation(*found) for name, found in sorted(newer.operations().items())}
    old_lines = {name: older.operation(*found) for name, found in sorted(older.operations().items())}
    pairs = set()
    for name, lines in old_lines.items():
        wanted = {tuple(line.split(" ")[2:3]): line for line in new_lines[name]}
        for line in lines:
            match = wanted.get(tuple(line.split(" ")[2:3]))
            if match:
                rename(older, newer, line, match, pairs)
    names = {}
    for a, b in sorted(pairs):
        if a != b and (a not in newer.objects or (a, a) not in pairs):
            names.setdefault(a, b)
    objects = {}
    for name, fields in older.objects.items():
        objects[names.get(name, name)] = [(f, flags, with_names(kind, names)) for f, flags, kind in fields]
    flat = [" ".join(with_names(part, names) if at > 1 else part for at, part in enumerate(line.split(" ")))
            for name in old_lines for line in old_lines[name]]
    write(sys.argv[3], flat, objects)
    write(sys.argv[4], [line for name in new_lines for line in new_lines[name]], newer.objects)


main()
