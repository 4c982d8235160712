import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import (
    AuthError,
    ConnectorError,
    Kind,
    RejectedError,
    ThrottledError,
    TransientError,
)
from connectors.failpoints import arm
from connectors.sandbox.wire import (
    CutConnectionError,
    HangError,
    RefuseError,
    Response,
)
from connectors.shiphero.throttle import UnmeteredCredits
from connectors.tokens import MemoryTokenStore, Token
from orders.records import MISSING, HoldKind
from tests.unit.connectors.shiphero.conftest import NOW, Canned, make_client, wanted

TOKEN = {"access_token": "new-token", "expires_in": 2_419_200, "token_type": "Bearer"}
EXPIRED = Response(401, b"<html>Unauthorized</html>")


def made(**order):
    node = {"id": "T3JkZXI6MQ==", "partner_order_id": "acme-801-1"} | order
    return {"data": {"order_create": {"request_id": "5da7", "order": node}}}


def page(*nodes, cursor=""):
    return {
        "pageInfo": {"hasNextPage": bool(cursor), "endCursor": cursor},
        "edges": [{"node": node} for node in nodes],
    }


def orders(*nodes, cursor=""):
    data = page(*nodes, cursor=cursor)
    return {"data": {"orders": {"request_id": "5da8", "data": data}}}


class TestToken:
    def test_the_first_call_fetches_one(self):
        app = Canned(TOKEN, made())
        make_client(app).create_order(wanted(), hold=None)

        assert app.names == ["/auth/refresh", "/graphql"]
        assert app.requests[1].headers["authorization"] == "Bearer new-token"

    def test_a_refused_token_is_renewed_once_and_the_call_repeated(self, canned):
        client, app = canned(EXPIRED, TOKEN, made())
        client.create_order(wanted(), hold=None)

        assert app.names == ["/graphql", "/auth/refresh", "/graphql"]
        assert app.requests[0].headers["authorization"] == "Bearer old-token"
        assert app.requests[2].headers["authorization"] == "Bearer new-token"

    def test_a_token_refused_again_is_an_auth_error(self, canned):
        client, app = canned(EXPIRED, TOKEN, EXPIRED)

        with pytest.raises(AuthError) as caught:
            client.create_order(wanted(), hold=None)

        assert caught.value.outcome_unknown is False
        assert len(app.requests) == 3

    @pytest.mark.parametrize(
        ("answer", "kind", "code"),
        [
            (Response(401, b'{"error": "x"}'), Kind.AUTH, "shiphero.refresh_refused"),
            (Response(400, b""), Kind.AUTH, "shiphero.refresh_refused"),
            (Response(403, b""), Kind.AUTH, "shiphero.address_blocked"),
            (
                Response(403, b'{"error": "invalid_grant"}'),
                Kind.AUTH,
                "shiphero.refresh_refused",
            ),
            (Response(503, b"<html>"), Kind.TRANSIENT, "shiphero.server_error"),
            (Response(429, b""), Kind.THROTTLED, "shiphero.throttled"),
            (Response(200, b"<html>"), Kind.TRANSIENT, "shiphero.unreadable"),
            (Response(200, b"{}"), Kind.TRANSIENT, "shiphero.unreadable"),
            (RefuseError(), Kind.TRANSIENT, "shiphero.not_reached"),
            (CutConnectionError(), Kind.TRANSIENT, "shiphero.no_answer"),
        ],
        ids=repr,
    )
    def test_a_failed_renewal_is_never_an_unknown_write(
        self, canned, answer, kind, code
    ):
        client, _ = canned(EXPIRED, answer)

        with pytest.raises(ConnectorError) as caught:
            client.create_order(wanted(), hold=None)

        assert (caught.value.kind, caught.value.code) == (kind, code)
        assert caught.value.outcome_unknown is False

    def test_another_refresh_token_is_used_and_handed_over(self, canned):
        kept: list[str] = []
        renewed = {**TOKEN, "refresh_token": "second"}
        client, app = canned(
            EXPIRED,
            renewed,
            made(),
            EXPIRED,
            TOKEN,
            made(),
            keep_refresh_token=kept.append,
        )
        client.create_order(wanted(), hold=None)
        client.create_order(wanted(), hold=None)

        assert kept == ["second"]
        assert json.loads(app.requests[4].body) == {"refresh_token": "second"}


class TestWrites:
    @pytest.mark.parametrize(
        ("answer", "unknown"),
        [
            (CutConnectionError(), True),
            (HangError(30), True),
            (RefuseError(), False),
            (Response(502, b"<html>Bad Gateway</html>"), True),
            (Response(504, b""), True),
            (Response(200, b'{"data": {"order_cre'), True),
            (Response(200, b"<html>maintenance</html>"), True),
            (Response(200, b"[]"), True),
            (Response(200, b'{"data": {"order_create": null}}'), True),
            (Response(200, b'{"data": {"order_create": {"order": null}}}'), True),
            (Response(302, b"", {"Location": "https://elsewhere.example"}), True),
        ],
        ids=repr,
    )
    def test_one_try_and_an_honest_word_on_its_outcome(self, canned, answer, unknown):
        client, app = canned(answer)

        with pytest.raises(TransientError) as caught:
            client.create_order(wanted(), hold=None)

        assert caught.value.outcome_unknown is unknown
        assert len(app.requests) == 1

    def test_an_order_that_was_made_counts_whatever_else_is_complained_of(self, canned):
        answer = {**made(), "errors": [{"message": "no right", "code": 7}]}
        client, _ = canned(answer)

        order = client.create_order(wanted(), hold=None)

        assert order.remote_id == "T3JkZXI6MQ=="

    def test_the_customer_account_goes_with_every_change(self, canned):
        held = {"data": {"order_update_holds": made()["data"]["order_create"]}}
        client, app = canned(held, customer_account_id="QWNjb3VudDo5")

        client.release_hold("T3JkZXI6MQ==", HoldKind.OPERATOR)

        assert app.variables()["data"] == {
            "order_id": "T3JkZXI6MQ==",
            "operator_hold": False,
            "customer_account_id": "QWNjb3VudDo5",
        }

    def test_a_partial_read_is_an_error_not_a_short_answer(self, canned):
        answer = orders({"id": "T3JkZXI6MQ=="})
        client, _ = canned({**answer, "errors": [{"message": "no", "code": 3}]})

        with pytest.raises(RejectedError):
            client.find_orders("acme-801-1")


class TestCredits:
    def test_the_estimate_is_taken_before_and_the_quota_learned_after(self, canned):
        bucket = UnmeteredCredits()
        quota = {"credits_remaining": 3000, "max_available": 4004, "increment_rate": 60}
        throttling = {"cost": 3, "user_quota": quota}
        answer = {**made(), "extensions": {"throttling": throttling}}
        client, _ = canned(answer, credits=bucket)
        client.create_order(wanted(lines=2), hold=None)

        assert bucket.taken == [13]
        assert bucket.learned == (3000, 4004, 60)
        assert client.last_call.cost == 3

    def test_a_refusal_teaches_what_is_left(self, canned):
        bucket: Any = UnmeteredCredits()
        error = {"message": "no", "code": 30, "remaining_credits": 5}
        client, _ = canned({"errors": [error], "data": None}, credits=bucket)

        with pytest.raises(ThrottledError):
            client.find_orders("k")

        assert bucket.learned[0] == 5

    def test_without_credits_nothing_is_sent(self, canned):
        class Empty(UnmeteredCredits):
            def take(self, cost):
                raise ThrottledError("Wait.", wait=timedelta(seconds=5))

        client, app = canned(credits=Empty())

        with pytest.raises(ThrottledError):
            client.find_orders("k")

        assert app.requests == []


class TestPages:
    def test_all_pages_are_read(self, canned):
        rows = [{"id": f"O{at}", "partner_order_id": "k"} for at in range(3)]
        client, app = canned(orders(*rows[:2], cursor="c1"), orders(rows[2]))

        found = client.find_orders("k")

        assert [order.remote_id for order in found] == ["O0", "O1", "O2"]
        assert "after" not in app.variables(0)
        assert app.variables(1)["after"] == "c1"

    def test_an_order_under_another_key_is_not_taken_for_ours(self, canned):
        client, _ = canned(orders({"id": "O1", "partner_order_id": "K"}))

        assert client.find_orders("k") == []

    def test_a_cursor_that_stands_still_ends_with_an_error(self, canned):
        stuck = [orders({"id": "O1"}, cursor="c1") for _ in range(3)]
        client, _ = canned(*stuck)

        with pytest.raises(TransientError):
            list(client.orders_updated(NOW))

    def test_lines_are_paged_to_their_end(self, canned):
        def node(*lines, cursor):
            return {"id": "O1", "line_items": page(*lines, cursor=cursor)}

        line_page = page({"id": "L3", "sku": "C", "quantity": 1})
        client, app = canned(
            orders(node({"id": "L1", "sku": "A"}, cursor="c1")),
            orders(node({"id": "L1"}, {"id": "L2"}, cursor="c2")),
            {"data": {"order": {"data": {"id": "O1", "line_items": line_page}}}},
        )

        (order,) = client.read_orders(["O1"])

        assert [line.remote_id for line in order.lines] == ["L1", "L2", "L3"]
        assert app.variables(1)["lines"] > app.variables(0)["lines"]
        assert app.variables(2)["after"] == "c2"

    def test_shipped_lines_that_do_not_end_are_missing(self, canned):
        shipment = {"id": "S1", "line_items": page({"quantity": 1}, cursor="c1")}
        node = {"id": "O1", "shipments": [shipment], "line_items": page()}
        client, _ = canned(orders(node), orders(node))

        (order,) = client.read_orders(["O1"])

        assert order.lines == ()
        assert order.shipments[0].lines is MISSING


class TestLog:
    def test_every_call_leaves_an_exchange(self, canned):
        client, _ = canned(made(), CutConnectionError())
        client.create_order(wanted(), hold=None)
        with pytest.raises(TransientError):
            client.find_orders("k")

        first, second = client.drain()

        assert first.operation == "shiphero.order_create"
        assert first.request_id == "5da7"
        assert first.status == 200
        assert first.started_at == NOW
        assert first.request["variables"]["data"]["order_number"] == "00000101"
        assert second.operation == "shiphero.orders"
        assert second.status is None
        assert client.drain() == []

    def test_no_secret_reaches_log_error_or_repr(self, canned):
        secret = "hush-hush"
        webhook = {"id": "V2U6MQ==", "shared_signature_secret": secret}
        answer = {"data": {"webhook_create": {"webhook": webhook}}}
        client, _ = canned(EXPIRED, {**TOKEN, "access_token": secret}, answer)

        registered = client.webhooks.register(
            "Order Canceled", "https://x.example", "a"
        )

        assert registered.secret == secret
        assert secret not in repr(registered)
        assert secret not in repr(client.drain())

    def test_a_registration_without_its_secret_is_an_unknown_outcome(self, canned):
        client, _ = canned({"data": {"webhook_create": {"webhook": {"id": "1"}}}})

        with pytest.raises(TransientError) as caught:
            client.webhooks.register("Order Canceled", "https://x.example", "a")

        assert caught.value.outcome_unknown

    def test_each_call_passes_its_failpoints_by_name(self, canned):
        passed: list[str] = []
        client, _ = canned(EXPIRED, TOKEN, made())
        arm(passed.append)
        try:
            client.create_order(wanted(), hold=None)
        finally:
            arm(None)

        assert passed == [
            "before:shiphero.order_create",
            "after:shiphero.order_create",
            "before:shiphero.auth_refresh",
            "after:shiphero.auth_refresh",
            "before:shiphero.order_create",
            "after:shiphero.order_create",
        ]


class TestStamps:
    """A slow reading must not seem newer than a write answered while it ran."""

    def ticking(self, *answers):
        """Each answer takes a minute."""
        moments = [NOW]
        canned = Canned(*answers)

        def app(request):
            moments.append(moments[-1] + timedelta(minutes=1))
            return canned(request)

        tokens = MemoryTokenStore(Token("old-token"))
        return make_client(app, tokens=tokens, clock=lambda: moments[-1])

    def test_an_order_is_read_as_of_the_asking(self):
        client = self.ticking(orders({"id": "T3JkZXI6MQ=="}))

        (order,) = client.read_orders(["T3JkZXI6MQ=="])

        assert order.read_at == NOW

    def test_each_page_of_heads_has_a_time_of_its_own(self):
        client = self.ticking(
            orders({"id": "one"}, cursor="next"), orders({"id": "two"})
        )

        (first,), (second,) = client.orders_updated(NOW)

        assert (first.read_at, second.read_at) == (NOW, NOW + timedelta(minutes=1))

    def test_an_order_asked_for_once_more_is_as_new_as_that(self):
        unfinished = {
            "id": "T3JkZXI6MQ==",
            "shipments": [{"line_items": page(cursor="more")}],
        }
        client = self.ticking(orders(unfinished), orders({"id": "T3JkZXI6MQ=="}))

        (order,) = client.read_orders(["T3JkZXI6MQ=="])

        assert order.read_at == NOW + timedelta(minutes=1)

    def test_a_write_is_as_of_its_answer(self):
        client = self.ticking(made())

        order = client.create_order(wanted(), hold=None)

        assert order.read_at == NOW + timedelta(minutes=1)
