module example.org/vendored

go 1.24

require example.org/numbers v1.2.3
