#pragma once

#include <QTest>

/// Qt's tries give up after 5 s, which a machine with other work on all its cores exceeds now and then. These wait for a
/// minute: only what never comes takes so long. MILLM_TEST_PATIENCE has other milliseconds, for who writes a test.
inline int patience() {
    bool set = false;
    const int milliseconds = qEnvironmentVariableIntValue("MILLM_TEST_PATIENCE", &set);
    return set ? milliseconds : 60000;
}

#undef QTRY_VERIFY
#undef QTRY_VERIFY2
#undef QTRY_COMPARE
#define QTRY_VERIFY(expr) QTRY_VERIFY_WITH_TIMEOUT(expr, patience())
#define QTRY_VERIFY2(expr, message) QTRY_VERIFY2_WITH_TIMEOUT(expr, message, patience())
#define QTRY_COMPARE(expr, expected) QTRY_COMPARE_WITH_TIMEOUT(expr, expected, patience())
