"""What the agent has our kernels run."""

from __future__ import annotations

GREETING = {
    "greet.h": "void greet(const char *name);\n",
    "greet.c": '#include <stdio.h>\nvoid greet(const char *name) { printf("hi %s\\n", name); }\n',
    "main.c": '#include "greet.h"\nint main(void) { greet("Ada"); return 3; }\n',
}
ASK_IN_C = """
#include <stdio.h>
int main(void) {
    char name[64];
    int born;
    printf("name? ");
    scanf("%63s", name);
    printf("born? ");
    scanf("%d", &born);
    printf("%s is %d\\n", name, 1852 - born);
}
"""
LOOP_IN_C = """
#include <stdio.h>
int main(void) { puts("looping"); for (volatile int n = 0;; n++); }
"""
NOT_UTF8_IN_C = """
#include <stdio.h>
int main(void) { fwrite("a\\377b\\303", 1, 4, stdout); fwrite("\\303\\251\\n", 1, 3, stderr); }
"""
RICH = """
from IPython.display import HTML, SVG, Image, Markdown, display
import base64
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
display(HTML("<b>b\u00f6ld</b>"))
display(Image(data=base64.b64decode(PNG)))
display(SVG(data="<svg xmlns='http://www.w3.org/2000/svg'/>"))
display(Markdown("*so*"))
"plain"
"""
