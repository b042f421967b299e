// An application on BOINC's own API that does what it is told by files in a folder, which its command line names. It
// reports as any other: CPU time and progress each second, a checkpoint when it is told to make one.

#include <fstream>
#include <string>

#include <unistd.h>

#include <boinc_api.h>

// Whether there was such an order. It is followed once.
static bool take(const std::string& order) { return unlink(order.c_str()) == 0; }

int main(int argc, char** argv) {
    if (argc != 2) return 1;
    const std::string folder = std::string(argv[1]) + "/";
    boinc_init();
    std::ofstream(folder + "pid.new") << getpid() << std::endl;
    rename((folder + "pid.new").c_str(), (folder + "pid").c_str());
    volatile unsigned work = 0;
    for (;;) {
        // A CPU time that changes from message to message.
        for (int i = 0; i < 2000000; i++) work = work + 1;
        double fraction = 0;
        if (std::ifstream(folder + "fraction") >> fraction) boinc_fraction_done(fraction);
        if (take(folder + "checkpoint")) boinc_checkpoint_completed();
        if (take(folder + "temporary_exit")) boinc_temporary_exit(600, "as ordered");
        if (take(folder + "network")) boinc_network_usage(1000, 2000);
        if (take(folder + "premature_exit")) _exit(0);
        if (take(folder + "finish")) boinc_finish(0);
        usleep(50000);
    }
}
