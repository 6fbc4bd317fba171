"""JavaScript and TypeScript as the common tree."""

from __future__ import annotations

from understudy.sources.code.parsing import Node, Source, number, unescaped
from understudy.sources.code.tree import (
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
    New,
    Not,
    Other,
    Same,
    Seq,
    SetAttr,
    Stmt,
)

WRAPPERS = frozenset(
    {
        "await_expression",
        "parenthesized_expression",
        "as_expression",
        "non_null_expression",
        "satisfies_expression",
        "type_assertion",
        "yield_expression",
        "spread_element",
    }
)


class Reader(Source):
    """Statements and expressions of a file."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements inside a node."""
        if node is None:
            return ()
        found: list[Stmt] = []
        for child in node.named_children:
            found += self.statement(child)
        return tuple(found)

    def statement(self, node: Node) -> list[Stmt]:
        """One statement as one or more of ours."""
        match node.type:
            case "lexical_declaration" | "variable_declaration":
                return [s for d in node.named_children if d.type == "variable_declarator" for s in self._declared(d)]
            case "expression_statement":
                return self._effect(node.named_children[0]) if node.named_children else []
            case "return_statement":
                return [Give(self.expression(node.named_children[0]) if node.named_children else None)]
            case "function_declaration" | "generator_function_declaration":
                return [self._function(node, self.text(self.child(node, "name")))]
            case "class_declaration" | "abstract_class_declaration":
                return [self._class(node)]
            case "export_statement":
                inner = [
                    c for c in node.named_children if c.type not in ("string", "export_clause", "decorator", "comment")
                ]
                return [s for c in inner for s in self._exported(c)]
            case "if_statement":
                return [Branches(tuple(self._cases(node)))]
            case "switch_statement":
                return [Branches(tuple(self._switch(node)))]
            case "for_in_statement":
                left = self.child(node, "left")
                over = self.child(node, "right")
                return [Many(self.text(left), self.expression(over), self._body(self.child(node, "body")))]
            case "for_statement" | "while_statement" | "do_statement":
                return [Block(self._body(self.child(node, "body")))]
            case "try_statement":
                finalizer = self.child(node, "finalizer")
                return [Block(self._body(self.child(node, "body")) + self.block(finalizer))]
            case (
                "statement_block"
                | "switch_statement"
                | "switch_body"
                | "switch_case"
                | "switch_default"
                | "labeled_statement"
                | "else_clause"
                | "finally_clause"
            ):
                return [Block(self.block(node))]
            case "ERROR":
                return list(self.block(node))
            case kind if kind.endswith(("expression", "_call")):
                return self._effect(node)
            case _:
                return []

    def _cases(self, node: Node) -> list[tuple[Expr | None, tuple[Stmt, ...]]]:
        """The branches of a condition, chains of ``else if`` in one row."""
        found: list[tuple[Expr | None, tuple[Stmt, ...]]] = []
        here: Node | None = node
        while here is not None:
            found.append((self.expression(self.child(here, "condition")), self._body(self.child(here, "consequence"))))
            rest = self.child(here, "alternative")
            inner = rest.named_children[0] if rest is not None and rest.named_children else None
            if inner is not None and inner.type == "if_statement":
                here = inner
                continue
            if inner is not None:
                found.append((None, self._body(inner)))
            here = None
        return found

    def _switch(self, node: Node) -> list[tuple[Expr | None, tuple[Stmt, ...]]]:
        value = self.expression(self.child(node, "value"))
        found: list[tuple[Expr | None, tuple[Stmt, ...]]] = []
        body = self.child(node, "body")
        for case in body.named_children if body is not None else ():
            key = self.child(case, "value")
            inner = tuple(s for c in case.named_children if c != key for s in self.statement(c))
            found.append((Same(value, self.expression(key)) if key is not None else None, inner))
        return found

    def _exported(self, node: Node) -> list[Stmt]:
        found = self.statement(node)
        return found or (
            [Do(self.expression(node))]
            if node.type in ("object", "identifier", "arrow_function", "new_expression")
            else []
        )

    def _body(self, node: Node | None) -> tuple[Stmt, ...]:
        if node is None:
            return ()
        return self.block(node) if node.type == "statement_block" else tuple(self.statement(node))

    def _declared(self, node: Node) -> list[Stmt]:
        target = self.child(node, "name")
        value = self.child(node, "value")
        told = self.expression(value) if value is not None else None
        if target is None:
            return []
        if target.type == "object_pattern":
            return [Let("", told, tuple(self._taken(target)))]
        if target.type == "array_pattern":
            names = [self.text(c) for c in target.named_children]
            return [Let("", told, tuple((str(i), n) for i, n in enumerate(names)))]
        if isinstance(told, Func):
            told = Func(self.text(target), told.parameters, told.body, told.marks, line=told.line, value=told.value)
        return [Let(self.text(target), told)]

    def _taken(self, pattern: Node) -> list[tuple[str, str]]:
        found = []
        for c in pattern.named_children:
            if c.type == "shorthand_property_identifier_pattern":
                found.append((self.text(c), self.text(c)))
            elif c.type == "pair_pattern":
                found.append((self.text(self.child(c, "key")), self.text(self.child(c, "value"))))
            elif c.type == "object_assignment_pattern":
                name = self.text(c.named_children[0])
                found.append((name, name))
        return found

    def _effect(self, node: Node) -> list[Stmt]:
        if node.type == "assignment_expression":
            left, right = self.child(node, "left"), self.child(node, "right")
            value = self.expression(right)
            if left is not None and left.type == "member_expression":
                return [
                    SetAttr(self.expression(self.child(left, "object")), self.text(self.child(left, "property")), value)
                ]
            return [Let(self.text(left), value)]
        if node.type == "sequence_expression":
            return [s for c in node.named_children for s in self._effect(c)]
        return [Do(self.expression(node))]

    # ---- expressions --------------------------------------------------------------------------------
    def _expression(self, node: Node) -> Expr:
        match node.type:
            case "string":
                return Lit(unescaped(self.text(node)[1:-1]))
            case "template_string":
                return self._template(node)
            case "number":
                value = number(self.text(node))
                return Lit(value) if value is not None else Other(self.text(node))
            case "true" | "false":
                return Lit(node.type == "true")
            case "null" | "undefined":
                return Lit(None)
            case "identifier" | "shorthand_property_identifier" | "property_identifier":
                return Name(self.text(node))
            case "this" | "super":
                return Name("this" if node.type == "this" else "super")
            case "member_expression":
                return Attr(
                    self.expression(self.child(node, "object")), self.text(self.child(node, "property")).lstrip("#")
                )
            case "subscript_expression":
                return Index(self.expression(self.child(node, "object")), self.expression(self.child(node, "index")))
            case "call_expression":
                return self._call(node)
            case "new_expression":
                arguments = self.child(node, "arguments")
                given = tuple(self.expression(c) for c in arguments.named_children) if arguments is not None else ()
                return New(self.text(self.child(node, "constructor")), given, self.line(node))
            case "arrow_function" | "function_expression" | "function" | "generator_function":
                return self._function(node, self.text(self.child(node, "name")))
            case "object":
                return self._object(node)
            case "array":
                return Seq(tuple(self.expression(c) for c in node.named_children if c.type != "comment"))
            case "binary_expression":
                return self._binary(node)
            case "unary_expression" if self.text(self.child(node, "operator")) == "!":
                return Not(self.expression(self.child(node, "argument")))
            case "ternary_expression":
                return Either(
                    (self.expression(self.child(node, "consequence")), self.expression(self.child(node, "alternative")))
                )
            case "regex":
                return Lit(self.text(self.child(node, "pattern")) or self.text(node).strip("/"))
            case kind if kind in WRAPPERS:
                inner = [c for c in node.named_children if c.type != "comment"]
                return self.expression(inner[-1] if kind == "type_assertion" else inner[0]) if inner else Lit(None)
            case _:
                return Other(self.text(node)[:200], tuple(self.expression(c) for c in node.named_children[:20]))

    def _template(self, node: Node) -> Expr:
        parts: list[Expr] = []
        for c in node.named_children:
            if c.type == "template_substitution":
                parts.append(self.expression(c.named_children[0]) if c.named_children else Lit(""))
            elif c.type in ("string_fragment", "escape_sequence"):
                parts.append(Lit(unescaped(self.text(c))))
        return Joined(tuple(parts), self.text(node)[1:-1][:200]) if parts else Lit("")

    def _binary(self, node: Node) -> Expr:
        operator = self.text(self.child(node, "operator"))
        left, right = self.expression(self.child(node, "left")), self.expression(self.child(node, "right"))
        if operator == "+":
            return Joined((left, right), self.text(node)[:200])
        if operator in ("||", "??", "&&"):
            return Either((left, right), operator == "&&")
        if operator in ("==", "===", "!=", "!=="):
            return Same(left, right, operator.startswith("="))
        return Other(self.text(node)[:200], (left, right))

    def _object(self, node: Node) -> Expr:
        items: list[tuple[str, Expr]] = []
        for c in node.named_children:
            if c.type == "pair":
                key = self.child(c, "key")
                name = unescaped(self.text(key)[1:-1]) if key is not None and key.type == "string" else self.text(key)
                items.append((name, self.expression(self.child(c, "value"))))
            elif c.type == "shorthand_property_identifier":
                items.append((self.text(c), Name(self.text(c))))
            elif c.type == "method_definition":
                items.append((self.text(self.child(c, "name")), self._function(c, self.text(self.child(c, "name")))))
            elif c.type == "spread_element":
                items.append(("...", self.expression(c)))
        return Map(tuple(items))

    def _call(self, node: Node) -> Expr:
        function = self.child(node, "function")
        arguments = self.child(node, "arguments")
        given: tuple[Expr, ...] = ()
        if arguments is not None and arguments.type == "template_string":
            given = (self._table(arguments) or self.expression(arguments),)
        elif arguments is not None:
            given = tuple(self.expression(c) for c in arguments.named_children if c.type != "comment")
        end = (
            self.child(function, "property") if function is not None and function.type == "member_expression" else None
        )
        return Call(
            self.expression(function), given, (), self.line(end if end is not None else node), self.text(node)[:300]
        )

    def _table(self, node: Node) -> Expr | None:
        """``each`` with a table in a template: a header of names, then a value in every cell."""
        parts = node.named_children
        if not parts or parts[0].type != "string_fragment" or not parts[1:]:
            return None
        header = [n.strip() for n in self.text(parts[0]).strip().splitlines()[0].split("|")]
        cells = [
            self.expression(c.named_children[0]) for c in parts if c.type.endswith("substitution") and c.named_children
        ]
        if not all(n.isidentifier() for n in header) or len(cells) % len(header):
            return None
        starts = range(0, len(cells), len(header))
        return Seq(tuple(Map(tuple(zip(header, cells[i : i + len(header)], strict=True))) for i in starts))

    def _function(self, node: Node, name: str) -> Func:
        body = self.child(node, "body")
        parameters: list[tuple[str, Expr | None]] = []
        listed = self.child(node, "parameters")
        single = self.child(node, "parameter")
        if single is not None:
            parameters.append((self.text(single), None))
        for c in listed.named_children if listed is not None else ():
            parameters += self._parameter(c)
        value = None
        statements: tuple[Stmt, ...] = ()
        if body is not None and body.type == "statement_block":
            statements = self.block(body)
        elif body is not None:
            value = self.expression(body)
        getter = any(self.text(c) == "get" for c in node.children[:4] if not c.is_named)
        return Func(name, tuple(parameters), statements, (), getter, self.line(node), value)

    def _parameter(self, node: Node) -> list[tuple[str, Expr | None]]:
        pattern = self.child(node, "pattern") if node.type in ("required_parameter", "optional_parameter") else node
        value = self.child(node, "value")
        if pattern is None:
            return []
        if pattern.type == "assignment_pattern":
            value, pattern = self.child(pattern, "right"), self.child(pattern, "left")
        if pattern is not None and pattern.type == "object_pattern":
            return [("{" + ",".join(f"{k}:{v}" for k, v in self._taken(pattern)) + "}", None)]
        default = self.expression(value) if value is not None else None
        return [(self.text(pattern).lstrip("."), default)]

    def _class(self, node: Node) -> Class:
        bases = []
        for c in node.named_children:
            if c.type == "class_heritage":
                bases += [
                    self.text(x)
                    for e in [c, *c.named_children]
                    for x in e.named_children
                    if x.type in ("identifier", "member_expression")
                ]
        fields: list[tuple[str, Expr]] = []
        methods: list[Func] = []
        body = self.child(node, "body")
        for c in body.named_children if body is not None else ():
            if c.type in ("public_field_definition", "field_definition"):
                name = self.text(self.child(c, "name") or self.child(c, "property")).lstrip("#")
                value = self.child(c, "value")
                told = self.expression(value) if value is not None else Lit(None)
                if isinstance(told, Func):
                    methods.append(Func(name, told.parameters, told.body, (), False, told.line, told.value))
                else:
                    fields.append((name, told))
            elif c.type == "method_definition":
                methods.append(self._function(c, self.text(self.child(c, "name")).lstrip("#")))
        return Class(
            self.text(self.child(node, "name")),
            tuple(dict.fromkeys(bases)),
            tuple(fields),
            tuple(methods),
            self.line(node),
        )
