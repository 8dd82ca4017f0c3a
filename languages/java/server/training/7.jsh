var scanner = new Scanner(System.in);
scanner.hasNextLine()
