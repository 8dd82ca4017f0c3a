const char *right() { return "right"; }
