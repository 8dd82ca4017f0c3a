int files_command(int argc, char **argv) { (void)argc; (void)argv; return 2; }
