#include <bits/stdc++.h>

int main()
{
    return missing;
}
