import sys

größe = "größer"
print(größe, "≥ 東京 🙂")
print(f"{len(sys.argv) - 1}:", *(f"[{arg}]" for arg in sys.argv[1:]))
