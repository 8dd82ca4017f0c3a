#pragma once

constexpr int DECADE = 10;

void greet(const char *name, int times);
