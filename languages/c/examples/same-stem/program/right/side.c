const char *right(void) { return "right"; }
