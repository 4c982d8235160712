"""Parses the subset of SOQL that this organisation answers.

Clauses beyond it (GROUP BY, HAVING, aggregates but COUNT(), TYPEOF, polymorphic
names) are refused as malformed, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable

from connectors.sandbox.salesforce.soql_tokens import Token, malformed, tokenize
from connectors.sandbox.salesforce.soql_tree import (
    Compare,
    Condition,
    DateWord,
    FieldSet,
    Junction,
    Not,
    Path,
    Select,
    Sort,
    Value,
    Within,
)

MAX_QUERY = 100_000
MAX_OFFSET = 2_000
MAX_DEPTH = 30

OPERATORS = {
    "=": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
DATE_WORDS = {"TODAY", "YESTERDAY", "TOMORROW", "LAST_N_DAYS", "NEXT_N_DAYS"}
RESERVED = {
    *("SELECT", "FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "IN"),
    *("LIKE", "NULLS", "ASC", "DESC", "BY", "GROUP", "HAVING", "USING", "WITH", "FOR"),
}


def parse(query: str) -> Select:
    """The query as a tree. Raises SoqlError and nothing else."""
    if len(query) > MAX_QUERY:
        raise malformed(query[:60], 0, "SOQL statement is too long")
    return _Parser(query).whole()


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokenize(query)
        self._next = 0
        self._depth = 0

    # -- tokens ------------------------------------------------------------

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek
        if token.kind != "end":
            self._next += 1
        return token

    def _accept(self, *words: str) -> bool:
        if not self._peek.is_word(*words):
            return False
        self._take()
        return True

    def _accept_sign(self, sign: str) -> bool:
        if self._peek.kind != "sign" or self._peek.text != sign:
            return False
        self._take()
        return True

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    def _expect_sign(self, sign: str) -> None:
        if not self._accept_sign(sign):
            raise self._unexpected()

    def _unexpected(self) -> Exception:
        token = self._peek
        return malformed(self._query, token.at, f"unexpected token: '{token.text}'")

    def _name(self) -> Token:
        token = self._peek
        if token.kind != "name" or ":" in token.text or token.text.upper() in RESERVED:
            raise self._unexpected()
        return self._take()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise malformed(self._query, self._peek.at, "query is nested too deeply")

    # -- clauses -----------------------------------------------------------

    def whole(self) -> Select:
        select = self._select()
        if self._peek.kind != "end":
            raise self._unexpected()
        return select

    def _select(self) -> Select:
        self._deeper()
        self._expect("SELECT")
        columns = self._columns()
        self._expect("FROM")
        source = self._source()
        alias = self._alias()
        where = self._condition() if self._accept("WHERE") else None
        self._accept_access_mode()
        order = self._order() if self._accept("ORDER") else ()
        limit = self._whole_number() if self._accept("LIMIT") else None
        offset = self._offset() if self._accept("OFFSET") else 0
        self._depth -= 1
        return Select(
            columns, source.text, alias, where, order, limit, offset, source.at
        )

    def _source(self) -> Token:
        """The object: the one place where the word Order is a name."""
        return self._take() if self._peek.is_word("ORDER") else self._name()

    def _alias(self) -> str:
        self._accept("AS")
        token = self._peek
        if token.kind == "name" and token.text.upper() not in RESERVED:
            return self._name().text
        return ""

    def _accept_access_mode(self) -> None:
        """Every query here runs as its user, so the modes change nothing."""
        if self._accept("WITH") and not self._accept(
            "SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"
        ):
            raise self._unexpected()

    def _columns(self) -> tuple[Path | FieldSet | Select, ...]:
        if self._peek.is_word("COUNT") and self._tokens[self._next + 1].text == "(":
            self._take()
            self._expect_sign("(")
            self._expect_sign(")")
            return ()
        columns = [self._column()]
        while self._accept_sign(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> Path | FieldSet | Select:
        if self._accept_sign("("):
            inner = self._select()
            self._expect_sign(")")
            return inner
        if self._peek.is_word("FIELDS"):
            return self._field_set()
        return self._path()

    def _field_set(self) -> FieldSet:
        token = self._take()
        self._expect_sign("(")
        word = self._name().text.upper()
        self._expect_sign(")")
        if word not in {"ALL", "CUSTOM", "STANDARD"}:
            raise malformed(self._query, token.at, f"unexpected token: '{word}'")
        return FieldSet(word, token.at)

    def _path(self) -> Path:
        token = self._name()
        return Path(tuple(token.text.split(".")), token.at)

    def _order(self) -> tuple[Sort, ...]:
        self._expect("BY")
        sorts = [self._sort()]
        while self._accept_sign(","):
            sorts.append(self._sort())
        return tuple(sorts)

    def _sort(self) -> Sort:
        path = self._path()
        descending = not self._accept("ASC") and self._accept("DESC")
        nulls_last: bool | None = None
        if self._accept("NULLS"):
            nulls_last = self._accept("LAST")
            if not nulls_last:
                self._expect("FIRST")
        return Sort(path, descending, nulls_last)

    def _whole_number(self) -> int:
        token = self._peek
        value = token.value
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._unexpected()
        self._take()
        return value

    def _offset(self) -> int:
        at = self._peek.at
        value = self._whole_number()
        if value > MAX_OFFSET:
            error = malformed(
                self._query, at, f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            )
            error.code = "NUMBER_OUTSIDE_VALID_RANGE"
            raise error
        return value

    # -- conditions --------------------------------------------------------

    def _condition(self) -> Condition:
        """AND and OR may not be mixed without parentheses."""
        self._deeper()
        conditions = [self._negation()]
        word = "OR" if self._peek.is_word("OR") else "AND"
        while self._accept(word):
            conditions.append(self._negation())
        if self._peek.is_word("AND", "OR"):
            raise self._unexpected()
        self._depth -= 1
        if len(conditions) == 1:
            return conditions[0]
        return Junction("OR" if word == "OR" else "AND", tuple(conditions))

    def _negation(self) -> Condition:
        if self._accept("NOT"):
            self._deeper()
            inner = self._negation()
            self._depth -= 1
            return Not(inner)
        if self._accept_sign("("):
            inner = self._condition()
            self._expect_sign(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        path = self._path()
        if self._accept("IN"):
            return Within(path, negated=False, values=self._members())
        if self._accept("NOT"):
            self._expect("IN")
            return Within(path, negated=True, values=self._members())
        if self._accept("LIKE"):
            return self._like(path)
        operator = OPERATORS.get(self._peek.text)
        if operator is None or self._peek.kind != "sign":
            raise self._unexpected()
        self._take()
        return Compare(path, operator, self._value())

    def _like(self, path: Path) -> Compare:
        if not isinstance(self._peek.value, str):
            raise self._unexpected()
        return Compare(path, "LIKE", self._value())

    def _members(self) -> tuple[Value, ...] | Select:
        self._expect_sign("(")
        if self._peek.is_word("SELECT"):
            inner = self._select()
            self._expect_sign(")")
            return inner
        values = [self._value()]
        while self._accept_sign(","):
            values.append(self._value())
        self._expect_sign(")")
        return tuple(values)

    def _value(self) -> Value:
        token = self._peek
        if token.kind == "literal":
            return self._take().value
        constants: dict[str, Callable[[], Value]] = {
            "NULL": lambda: None,
            "TRUE": lambda: True,
            "FALSE": lambda: False,
        }
        word, _, count = token.text.upper().partition(":")
        if token.kind != "name" or (word not in constants and word not in DATE_WORDS):
            raise self._unexpected()
        if (word in constants and count) or (bool(count) != ("_N_" in word)):
            raise self._unexpected()
        self._take()
        return (
            constants[word]() if word in constants else DateWord(word, int(count or 0))
        )
