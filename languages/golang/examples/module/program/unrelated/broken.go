package main

this is for nobody
