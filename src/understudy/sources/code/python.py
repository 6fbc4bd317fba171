"""Python as the common tree."""

from __future__ import annotations

import re

from understudy.sources.code.parsing import Node, Source, number, unescaped
from understudy.sources.code.tree import (
    Assert,
    Attr,
    Block,
    Branches,
    Call,
    Class,
    Do,
    Either,
    Expr,
    Func,
    Give,
    Index,
    Joined,
    Let,
    Lit,
    Many,
    Map,
    Name,
    Not,
    Other,
    Same,
    Seq,
    SetAttr,
    Stmt,
)

QUOTES = re.compile(r"^([rRbBuUfF]*)(\"\"\"|'''|\"|')(.*)\2$", re.DOTALL)


class Reader(Source):
    """Statements and expressions of a file."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements inside a node."""
        if node is None:
            return ()
        return tuple(s for c in node.named_children for s in self.statement(c))

    def statement(self, node: Node, marks: tuple[str, ...] = ()) -> list[Stmt]:
        """One statement as one or more of ours."""
        match node.type:
            case "expression_statement":
                return [s for c in node.named_children for s in self._effect(c)]
            case "function_definition":
                return [self._function(node, marks)]
            case "decorated_definition":
                told = tuple(self.text(c)[1:].strip() for c in node.named_children if c.type == "decorator")
                inner = self.child(node, "definition")
                return self.statement(inner, told) if inner is not None else []
            case "class_definition":
                return [self._class(node)]
            case "return_statement":
                return [Give(self.expression(node.named_children[0]) if node.named_children else None)]
            case "assert_statement":
                return (
                    [Assert(self.expression(node.named_children[0]), self.line(node), self.text(node)[:300])]
                    if node.named_children
                    else []
                )
            case "if_statement":
                return self._branches(node)
            case "for_statement":
                over = self.expression(self.child(node, "right"))
                return [Many(self.text(self.child(node, "left")), over, self.block(self.child(node, "body")))]
            case "with_statement":
                return self._with(node)
            case "try_statement":
                finals = tuple(
                    s
                    for c in node.named_children
                    if c.type == "finally_clause"
                    for s in self.block(c.named_children[-1])
                )
                return [Block(self.block(self.child(node, "body")) + finals)]
            case "while_statement":
                return [Block(self.block(self.child(node, "body")))]
            case "block" | "ERROR" | "match_statement" | "case_clause":
                return list(self.block(node))
            case _:
                return []

    def _branches(self, node: Node) -> list[Stmt]:
        if "__name__" in self.text(self.child(node, "condition")):
            return [Block(self.block(self.child(node, "consequence")))]
        cases: list[tuple[Expr | None, tuple[Stmt, ...]]] = [
            (self.expression(self.child(node, "condition")), self.block(self.child(node, "consequence")))
        ]
        for c in node.children_by_field_name("alternative"):
            condition = self.child(c, "condition")
            body = self.child(c, "body") or self.child(c, "consequence")
            cases.append((self.expression(condition) if condition is not None else None, self.block(body)))
        return [Branches(tuple(cases))]

    def _with(self, node: Node) -> list[Stmt]:
        heads: list[Expr] = []
        lets: list[Stmt] = []
        for clause in node.named_children:
            if clause.type != "with_clause":
                continue
            for item in clause.named_children:
                value = self.child(item, "value") or item
                if value.type == "as_pattern":
                    alias = self.child(value, "alias")
                    told = self.expression(value.named_children[0])
                    lets.append(Let(self.text(alias), told))
                else:
                    heads.append(self.expression(value))
        return [*lets, Block(self.block(self.child(node, "body")), tuple(heads))]

    def _effect(self, node: Node) -> list[Stmt]:
        if node.type in ("assignment", "augmented_assignment"):
            left, right = self.child(node, "left"), self.child(node, "right")
            if right is None or left is None:
                return []
            value = self.expression(right)
            if left.type == "attribute":
                return [
                    SetAttr(
                        self.expression(self.child(left, "object")), self.text(self.child(left, "attribute")), value
                    )
                ]
            if left.type in ("pattern_list", "tuple_pattern", "list_pattern"):
                return [Let("", value, tuple((str(i), self.text(c)) for i, c in enumerate(left.named_children)))]
            return [Let(self.text(left), value)]
        if node.type == "string":
            return []
        if node.type == "yield":
            return [Give(self.expression(node.named_children[0]))] if node.named_children else []
        return [Do(self.expression(node))]

    def _expression(self, node: Node) -> Expr:
        match node.type:
            case "string":
                return self._string(node)
            case "concatenated_string":
                return Joined(
                    tuple(self.expression(c) for c in node.named_children if c.type == "string"), self.text(node)[:200]
                )
            case "integer" | "float":
                value = number(self.text(node))
                return Lit(value) if value is not None else Other(self.text(node))
            case "true" | "false":
                return Lit(node.type == "true")
            case "none":
                return Lit(None)
            case "identifier":
                name = self.text(node)
                return Name("this" if name in ("self", "cls") else name)
            case "attribute":
                return Attr(self.expression(self.child(node, "object")), self.text(self.child(node, "attribute")))
            case "subscript":
                return Index(self.expression(self.child(node, "value")), self.expression(self.child(node, "subscript")))
            case "call":
                return self._call(node)
            case "lambda":
                names = self.child(node, "parameters")
                parameters: tuple[tuple[str, Expr | None], ...] = tuple(
                    (self.text(c), None) for c in (names.named_children if names is not None else ())
                )
                return Func("", parameters, (), line=self.line(node), value=self.expression(self.child(node, "body")))
            case "dictionary":
                return Map(tuple(self._pair(c) for c in node.named_children if c.type == "pair"))
            case "list" | "tuple" | "set":
                return Seq(tuple(self.expression(c) for c in node.named_children if c.type != "comment"))
            case "binary_operator":
                return self._binary(node)
            case "comparison_operator" if len(node.named_children) == 2 and any(
                self.text(c) in ("==", "!=") for c in node.children
            ):
                left, right = (self.expression(c) for c in node.named_children)
                return Same(left, right, not any(self.text(c) == "!=" for c in node.children))
            case "not_operator":
                return Not(self.expression(self.child(node, "argument")))
            case "boolean_operator":
                every = self.text(self.child(node, "operator")) == "and"
                return Either(
                    (self.expression(self.child(node, "left")), self.expression(self.child(node, "right"))), every
                )
            case "conditional_expression":
                inner = node.named_children
                return Either((self.expression(inner[0]), self.expression(inner[-1])))
            case "parenthesized_expression" | "await" | "as_pattern":
                return self.expression(node.named_children[0]) if node.named_children else Lit(None)
            case "named_expression":
                return self.expression(self.child(node, "value"))
            case _:
                return Other(self.text(node)[:200], tuple(self.expression(c) for c in node.named_children[:20]))

    def _pair(self, node: Node) -> tuple[str, Expr]:
        key = self.expression(self.child(node, "key"))
        name = str(key.value) if isinstance(key, Lit) else self.text(self.child(node, "key"))
        return name, self.expression(self.child(node, "value"))

    def _string(self, node: Node) -> Expr:
        match = QUOTES.match(self.text(node))
        if match is None:
            return Other(self.text(node)[:200])
        marks, body = match[1].lower(), match[3]
        if "f" not in marks:
            return Lit(body if "r" in marks else unescaped(body))
        parts: list[Expr] = []
        for c in node.named_children:
            if c.type == "interpolation":
                parts.append(self.expression(c.named_children[0]) if c.named_children else Lit(""))
            elif c.type == "string_content":
                text = self.text(c).replace("{{", "{").replace("}}", "}")
                parts.append(Lit(text if "r" in marks else unescaped(text)))
        return Joined(tuple(parts), body[:200])

    def _binary(self, node: Node) -> Expr:
        operator = self.text(self.child(node, "operator"))
        left, right = self.expression(self.child(node, "left")), self.expression(self.child(node, "right"))
        if operator == "+":
            return Joined((left, right), self.text(node)[:200])
        if operator == "%" and isinstance(left, Lit) and isinstance(left.value, str):
            values = right.items if isinstance(right, Seq) else (right,)
            parts = re.split(r"%[sdr]", left.value)
            mixed: list[Expr] = [Lit(parts[0])]
            for i, part in enumerate(parts[1:]):
                mixed += [values[i] if i < len(values) else Other("?"), Lit(part)]
            return Joined(tuple(mixed), self.text(node)[:200])
        return Other(self.text(node)[:200], (left, right))

    def _call(self, node: Node) -> Expr:
        function = self.child(node, "function")
        arguments = self.child(node, "arguments")
        given: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for c in arguments.named_children if arguments is not None else ():
            if c.type == "keyword_argument":
                named.append((self.text(self.child(c, "name")), self.expression(self.child(c, "value"))))
            elif c.type != "comment":
                given.append(self.expression(c))
        end = self.child(function, "attribute") if function is not None and function.type == "attribute" else None
        return Call(
            self.expression(function),
            tuple(given),
            tuple(named),
            self.line(end if end is not None else node),
            self.text(node)[:300],
        )

    def _function(self, node: Node, marks: tuple[str, ...]) -> Func:
        parameters: list[tuple[str, Expr | None]] = []
        listed = self.child(node, "parameters")
        for c in listed.named_children if listed is not None else ():
            name = self.child(c, "name")
            value = self.child(c, "value")
            if c.type == "typed_parameter":
                name = c.named_children[0] if c.named_children else None
            text = self.text(name) if name is not None else self.text(c)
            if text not in ("self", "cls") and c.type not in ("comment", "positional_separator", "keyword_separator"):
                parameters.append((text, self.expression(value) if value is not None else None))
        getter = any(m.split("(")[0] in ("property", "cached_property") for m in marks)
        return Func(
            self.text(self.child(node, "name")),
            tuple(parameters),
            self.block(self.child(node, "body")),
            marks,
            getter,
            self.line(node),
        )

    def _class(self, node: Node) -> Class:
        supers = self.child(node, "superclasses")
        bases = tuple(
            self.text(c).rsplit(".", 1)[-1]
            for c in (supers.named_children if supers is not None else ())
            if c.type in ("identifier", "attribute")
        )
        fields: list[tuple[str, Expr]] = []
        methods: list[Func] = []
        for s in self.block(self.child(node, "body")):
            if isinstance(s, Let) and s.name and s.value is not None:
                fields.append((s.name, s.value))
            elif isinstance(s, Func):
                methods.append(s)
        return Class(self.text(self.child(node, "name")), bases, tuple(fields), tuple(methods), self.line(node))
