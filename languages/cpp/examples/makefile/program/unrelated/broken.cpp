#error "the Makefile does not name this file"
