"""Java as the common tree."""

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
    Name,
    New,
    Not,
    Other,
    Same,
    Seq,
    SetAttr,
    Stmt,
)

FOUND_BY = re.compile(r"@FindBy\s*\(\s*(?:how\s*=\s*How\.(\w+)\s*,\s*using\s*=\s*|(\w+)\s*=\s*)\"((?:[^\"\\]|\\.)*)\"")


class Reader(Source):
    """Statements and expressions of a file."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements inside a node."""
        if node is None:
            return ()
        return tuple(s for c in node.named_children for s in self.statement(c))

    def statement(self, node: Node) -> list[Stmt]:
        """One statement as one or more of ours."""
        match node.type:
            case "class_declaration" | "record_declaration" | "enum_declaration" | "interface_declaration":
                return [self._class(node), *(s for c in self._inner(node) for s in self.statement(c))]
            case "local_variable_declaration":
                return [
                    Let(self.text(self.child(d, "name")), self.expression(self.child(d, "value")))
                    for d in node.named_children
                    if d.type == "variable_declarator"
                ]
            case "expression_statement":
                return self._effect(node.named_children[0]) if node.named_children else []
            case "return_statement":
                return [Give(self.expression(node.named_children[0]) if node.named_children else None)]
            case "assert_statement":
                return [Assert(self.expression(node.named_children[0]), self.line(node), self.text(node)[:300])]
            case "if_statement":
                cases: list[tuple[Expr | None, tuple[Stmt, ...]]] = [
                    (self.expression(self.child(node, "condition")), self._body(self.child(node, "consequence")))
                ]
                rest = self.child(node, "alternative")
                return [Branches((*cases, *(((None, self._body(rest)),) if rest is not None else ())))]
            case "enhanced_for_statement":
                return [
                    Many(
                        self.text(self.child(node, "name")),
                        self.expression(self.child(node, "value")),
                        self._body(self.child(node, "body")),
                    )
                ]
            case "for_statement" | "while_statement" | "do_statement":
                return [Block(self._body(self.child(node, "body")))]
            case "try_statement" | "try_with_resources_statement":
                return [Block(self._body(self.child(node, "body")))]
            case "block" | "constructor_body" | "ERROR" | "program" | "switch_block" | "synchronized_statement":
                return list(self.block(node))
            case "method_declaration":
                return [self._method(node)]
            case _:
                return []

    def _inner(self, node: Node) -> list[Node]:
        body = self.child(node, "body")
        return [c for c in body.named_children if c.type == "class_declaration"] if body is not None else []

    def _body(self, node: Node | None) -> tuple[Stmt, ...]:
        if node is None:
            return ()
        return self.block(node) if node.type == "block" else tuple(self.statement(node))

    def _effect(self, node: Node) -> list[Stmt]:
        if node.type == "assignment_expression":
            left, right = self.child(node, "left"), self.child(node, "right")
            value = self.expression(right)
            if left is not None and left.type == "field_access":
                return [
                    SetAttr(self.expression(self.child(left, "object")), self.text(self.child(left, "field")), value)
                ]
            return [Let(self.text(left), value, bare=True)]
        return [Do(self.expression(node))]

    def _expression(self, node: Node) -> Expr:
        match node.type:
            case "string_literal":
                text = self.text(node)
                return Lit(text[3:-3].strip("\n") if text.startswith('"""') else unescaped(text[1:-1]))
            case "character_literal":
                return Lit(unescaped(self.text(node)[1:-1]))
            case "decimal_integer_literal" | "decimal_floating_point_literal" | "hex_integer_literal":
                value = number(self.text(node).replace("_", ""))
                return Lit(value) if value is not None else Other(self.text(node))
            case "true" | "false":
                return Lit(node.type == "true")
            case "null_literal":
                return Lit(None)
            case "identifier" | "type_identifier" | "scoped_identifier":
                return Name(self.text(node))
            case "this":
                return Name("this")
            case "field_access":
                return Attr(self.expression(self.child(node, "object")), self.text(self.child(node, "field")))
            case "array_access":
                return Index(self.expression(self.child(node, "array")), self.expression(self.child(node, "index")))
            case "method_invocation":
                return self._call(node)
            case "object_creation_expression":
                arguments = self.child(node, "arguments")
                given = tuple(self.expression(c) for c in arguments.named_children) if arguments is not None else ()
                return New(
                    re.sub(r"<.*", "", self.text(self.child(node, "type"))).rsplit(".", 1)[-1], given, self.line(node)
                )
            case "lambda_expression":
                return self._lambda(node)
            case "binary_expression":
                left, right = self.expression(self.child(node, "left")), self.expression(self.child(node, "right"))
                if self.text(self.child(node, "operator")) == "+":
                    return Joined((left, right), self.text(node)[:200])
                if self.text(self.child(node, "operator")) in ("==", "!="):
                    return Same(left, right, self.text(self.child(node, "operator")) == "==")
                return Other(self.text(node)[:200], (left, right))
            case "unary_expression" if self.text(self.child(node, "operator")) == "!":
                return Not(self.expression(self.child(node, "operand")))
            case "ternary_expression":
                return Either(
                    (self.expression(self.child(node, "consequence")), self.expression(self.child(node, "alternative")))
                )
            case "cast_expression":
                return self.expression(self.child(node, "value"))
            case "parenthesized_expression":
                return self.expression(node.named_children[0]) if node.named_children else Lit(None)
            case "array_initializer" | "element_value_array_initializer":
                return Seq(tuple(self.expression(c) for c in node.named_children))
            case "array_creation_expression":
                return self.expression(self.child(node, "value"))
            case _:
                return Other(self.text(node)[:200], tuple(self.expression(c) for c in node.named_children[:20]))

    def _call(self, node: Node) -> Expr:
        of, name = self.child(node, "object"), self.child(node, "name")
        arguments = self.child(node, "arguments")
        given = (
            tuple(self.expression(c) for c in arguments.named_children if "comment" not in c.type)
            if arguments is not None
            else ()
        )
        function: Expr = Name(self.text(name)) if of is None else Attr(self.expression(of), self.text(name))
        return Call(function, given, (), self.line(name if name is not None else node), self.text(node)[:300])

    def _lambda(self, node: Node) -> Func:
        parameters = self.child(node, "parameters")
        names = (
            []
            if parameters is None
            else [self.text(c) for c in parameters.named_children] or [self.text(parameters).strip("()")]
        )
        body = self.child(node, "body")
        listed: tuple[tuple[str, Expr | None], ...] = tuple((n.split()[-1], None) for n in names if n)
        if body is not None and body.type == "block":
            return Func("", listed, self.block(body), line=self.line(node))
        return Func("", listed, (), line=self.line(node), value=self.expression(body))

    def _method(self, node: Node) -> Func:
        listed = self.child(node, "parameters")
        parameters: list[tuple[str, Expr | None]] = []
        for c in listed.named_children if listed is not None else ():
            name = self.child(c, "name")
            if name is not None:
                parameters.append((self.text(name), None))
        body = self.child(node, "body")
        return Func(
            self.text(self.child(node, "name")),
            tuple(parameters),
            self.block(body),
            self._marks(node),
            line=self.line(node),
        )

    def _marks(self, node: Node) -> tuple[str, ...]:
        found = []
        for c in node.named_children:
            if c.type == "modifiers":
                found += [self.text(m) for m in c.named_children if m.type in ("marker_annotation", "annotation")]
        return tuple(m.lstrip("@") for m in found)

    def _class(self, node: Node) -> Class:
        fields: list[tuple[str, Expr]] = []
        methods: list[Func] = []
        body = self.child(node, "body")
        for c in body.named_children if body is not None else ():
            if c.type == "field_declaration":
                fields += self._fields(c)
            elif c.type == "method_declaration":
                methods.append(self._method(c))
            elif c.type == "constructor_declaration":
                made = self._method(c)
                methods.append(Func("constructor", made.parameters, made.body, line=made.line))
        extended = self.child(node, "superclass")
        bases = tuple(re.findall(r"\b([A-Z]\w*)", self.text(extended))[:1])
        return Class(self.text(self.child(node, "name")), bases, tuple(fields), tuple(methods), self.line(node))

    def _fields(self, node: Node) -> list[tuple[str, Expr]]:
        found = []
        by = FOUND_BY.search(self.text(node))
        for d in node.named_children:
            if d.type != "variable_declarator":
                continue
            value: Expr = self.expression(self.child(d, "value"))
            if by is not None:
                how = (by[1] or by[2]).lower()
                value = Call(Attr(Name("By"), how), (Lit(unescaped(by[3])),), (), self.line(node))
            found.append((self.text(self.child(d, "name")), value))
        return found
