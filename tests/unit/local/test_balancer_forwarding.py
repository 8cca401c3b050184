"""Weighted target groups: which one's turn it is."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from copilot.local.balancers.forwarding import choose, weights


def test_an_action_s_groups_are_its_weighted_ones_else_its_only_one() -> None:
    groups = [{"TargetGroupArn": "a", "Weight": "3"}, {"TargetGroupArn": "b"}]
    assert weights({"ForwardConfig": {"TargetGroups": groups}, "TargetGroupArn": "z"}) == {"a": 3, "b": 1}
    assert weights({"TargetGroupArn": "z"}) == {"z": 1}
    assert weights({"Type": "redirect"}) == {}


@given(st.lists(st.integers(0, 999), min_size=1, max_size=5).filter(any))
def test_each_group_gets_its_share_of_a_hundred_requests(sizes: list[int]) -> None:
    shares = {str(index): size for index, size in enumerate(sizes)}
    asked = Counter(choose(shares, turn) for turn in range(100))
    for group, size in shares.items():
        assert abs(asked[group] - 100 * size / sum(sizes)) <= 5
        assert size or not asked[group]
    assert choose({}, 0) == ""
