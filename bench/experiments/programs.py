"""Programs that are run for their cost; those of `conformance.toml` are taken from there."""

from __future__ import annotations

HELLO = "Hello, World!"
C_HELLO = """
#include <stdio.h>

int main(void)
{
    puts("Hello, World!");
}
"""
PYTHON_HELLO = 'print("Hello, World!")'
# Not public, and of that name: the original finds no class otherwise that it can run.
JAVA_HELLO = """
class main {
    public static void main(String[] args) {
        System.out.println("Hello, World!");
    }
}
"""

_CPP = """
#include <bits/stdc++.h>

using namespace std;

{body}
int main()
{{
    cout << "{number}: " << solve({number}) << endl;
}}
"""
# As in collections of exercises: small functions that use what <bits/stdc++.h> brings.
_CPP_BODIES = (
    """
long solve(int seed)
{
    vector<long> values(64);
    iota(values.begin(), values.end(), seed);
    sort(values.begin(), values.end(), greater<>());
    return accumulate(values.begin(), values.end(), 0L);
}
""",
    """
string solve(int seed)
{
    map<string, int> counts;
    for (int i = 0; i < 50; i++)
        counts[to_string(i * seed % 7)]++;
    ostringstream out;
    for (const auto &[word, count] : counts)
        out << word << "x" << count << " ";
    return out.str();
}
""",
    """
size_t solve(int seed)
{
    unordered_set<int> seen;
    for (int i = 0; seen.insert((i * i + seed) % 101).second; i++)
        continue;
    return seen.size();
}
""",
    """
int solve(int seed)
{
    priority_queue<pair<int, int>> queue;
    for (int i = 0; i < 40; i++)
        queue.emplace((i * 37 + seed) % 53, i);
    queue.pop();
    return queue.top().second;
}
""",
    r"""
bool solve(int seed)
{
    const string text = "number " + to_string(seed);
    return regex_match(text, regex("number [0-9]+"));
}
""",
)
CPP_PROGRAMS = 164


def cpp_program(number: int) -> tuple[str, str]:
    """Return one of the sequence, and how what it prints starts."""
    body = _CPP_BODIES[number % len(_CPP_BODIES)]
    return _CPP.format(body=body, number=number), f"{number}: "
