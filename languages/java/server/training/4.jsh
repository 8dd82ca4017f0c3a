int y = square("a");
