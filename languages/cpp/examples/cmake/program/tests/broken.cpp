#error "the tests are not asked for"
