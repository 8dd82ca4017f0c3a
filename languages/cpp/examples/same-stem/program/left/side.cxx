const char *left() { return "left"; }
