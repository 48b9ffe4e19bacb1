/**
 * Other programs as children: started with captured output, awaited by what they print, ended by their own process.
 *
 * <p>Owning thread: the test's or the demo's; one virtual thread per child copies its output under the child's monitor.
 */
package io.hookswitch.systemtests.process;
