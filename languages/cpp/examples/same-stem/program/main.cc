const char *self() { return "main"; }
