"""What `./ktrdr` runs. This folder was the first place of modules: the checkout has to be."""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])

if "_ARGCOMPLETE" in os.environ:
    from ktrdr_site.command.completion import complete

    complete()
else:
    from ktrdr_site.command.front import main

    main(sys.argv[1:])
