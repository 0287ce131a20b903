// SPDX-License-Identifier: GPL-3.0-or-later
// A damaged header may make cfitsio ask for an absurd amount of memory, which it answers with an error code
// when malloc refuses. AddressSanitizer ends the program there unless it is told to refuse too.
extern "C" const char* __asan_default_options()
{
    return "allocator_may_return_null=1";
}
