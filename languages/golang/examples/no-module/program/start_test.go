package main

this is a test that does not compile
