const char *left(void) { return "left"; }
