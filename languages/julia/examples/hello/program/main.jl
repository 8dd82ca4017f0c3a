println(6 * 7)
