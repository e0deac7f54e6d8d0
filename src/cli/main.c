#include "cli/cli.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    return jd_cli_main(argc, argv, (const char *const *)environ);
}
