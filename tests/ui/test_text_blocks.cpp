#include "ui/text_blocks.h"

#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;
using Kind = TextBlock::Kind;

class TestTextBlocks : public QObject {
    Q_OBJECT

    static QList<TextBlock> whole(const QString &text, TextBlocks::Form form = TextBlocks::Form::Markdown) {
        TextBlocks blocks(form);
        blocks.append(text);
        return blocks.all();
    }
    static QList<Kind> kinds(const QList<TextBlock> &blocks) {
        QList<Kind> all;
        for (const TextBlock &block : blocks) all << block.kind;
        return all;
    }
    static QString copied(const QList<TextBlock> &blocks) {
        QString text;
        for (const TextBlock &block : blocks) text += (block.rest == TextBlock::Rest::OfLines ? u"\n"_s : u""_s) + block.text;
        return text;
    }

    static inline const QString sample =
        u"# Title\n\nSome *text* with `code`\nand a second line.\n\n1. one\n\n2. two\n   ```\n   in the list\n   "
        u"```\n\nAfter.\n"
        "```python\nprint(1)\n\n# not a title\n```\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n> quoted\n"_s;

private Q_SLOTS:
    void blocksOfADocument() {
        const QList<TextBlock> blocks = whole(sample);
        QCOMPARE(kinds(blocks), (QList{Kind::Rich, Kind::Rich, Kind::Rich, Kind::Rich, Kind::Code, Kind::Rich, Kind::Rich}));
        QVERIFY2(blocks[0].rich.contains(u"<h2>Title</h2>"), qPrintable(blocks[0].rich));
        QVERIFY2(blocks[1].rich.contains(u"<i>text</i> with <code>code</code><br/>and"), qPrintable(blocks[1].rich));
        QCOMPARE(blocks[1].text, u"Some text with code\nand a second line."_s);
        QVERIFY2(blocks[2].rich.contains(u"<pre>in the list\n</pre>"), qPrintable(blocks[2].rich));
        QCOMPARE(blocks[4].language, u"python"_s);
        QCOMPARE(blocks[4].text, u"print(1)\n\n# not a title"_s);
        QVERIFY2(blocks[5].rich.contains(u"<th align='right'>b</th>"), qPrintable(blocks[5].rich));
        QCOMPARE(blocks[5].text, u"a\tb\t\n1\t2"_s);
    }
    /// Letter by letter it becomes the same, and what has settled stays.
    void lettersComeOneByOne() {
        TextBlocks blocks(TextBlocks::Form::Markdown);
        QList<TextBlock> settled;
        for (const QChar letter : sample) {
            blocks.append(letter);
            QCOMPARE(blocks.all().first(settled.size()), settled);
            QVERIFY(blocks.settled() >= settled.size());
            settled = blocks.all().first(blocks.settled());
        }
        QCOMPARE(blocks.all(), whole(sample));
    }
    void hostileMarkup() {
        const QString script = whole(u"<script>x</script> <img src='http://a/b.png'> &lt; &copy;"_s)[0].rich;
        QVERIFY2(script.contains(u"&lt;script&gt;") && !script.contains(u"<img") && !script.contains(u"<script"),
                 qPrintable(script));
        const QString image = whole(u"![a \"picture\"](http://spy.example/x.png)"_s)[0].rich;
        QVERIFY2(!image.contains(u"spy.example") && image.contains(u"a &quot;picture&quot;"), qPrintable(image));
        for (const char *bad :
             {"[x](javascript:alert(1))", "[x](file:///etc/passwd)", "[x](data:text/html,x)", "[x](qrc:/x)"}) {
            const QString link = whole(QString::fromLatin1(bad))[0].rich;
            QVERIFY2(!link.contains(u"<a"), qPrintable(link));
        }
        const QString link = whole(u"[x](https://a.example/?q=\"><b>&r='1)"_s)[0].rich;
        QVERIFY2(!link.contains(u"\"><b>"), qPrintable(link));
        QVERIFY(whole(u"see https://a.example/x and [mail](mailto:a@b.example)"_s)[0].rich.count(u"<a href=") == 2);
    }
    void beyondReasonIsPlain() {
        const QString nested = u"> "_s.repeated(500) + u"deep"_s;
        QCOMPARE(kinds(whole(nested)), QList{Kind::Plain});
        QString row = u"|"_s;
        for (int i = 0; i < 60; ++i) row += u"a|"_s;
        QCOMPARE(kinds(whole(row + u'\n' + QString(row).replace(u'a', u'-') + u'\n' + row)), QList{Kind::Plain});
    }
    void formulas() {
        const QList<TextBlock> blocks = whole(u"It is \\(a^2\\), $b$ and `\\(code\\)`; it costs $5 and $10."_s);
        QVERIFY2(blocks[0].rich.contains(u"<code>a^2</code>, <code>b</code> and <code>\\(code\\)</code>; it costs $5 and $10."),
                 qPrintable(blocks[0].rich));
    }
    /// However long, each item stays small, and nothing is lost between them.
    void longTexts_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<TextBlocks::Form>("form");
        QTest::addColumn<bool>("exact");
        const QString words = u"word "_s.repeated(60'000), lines = u"some words of a line\n"_s.repeated(15'000);
        QTest::newRow("one line") << words << TextBlocks::Form::Plain << true;
        QTest::newRow("lines") << lines << TextBlocks::Form::Plain << true;
        QTest::newRow("no spaces") << u"😀"_s.repeated(50'000) << TextBlocks::Form::Plain << true;
        QTest::newRow("one paragraph") << words << TextBlocks::Form::Markdown << false;
        QTest::newRow("a list") << u"- an item of it\n"_s.repeated(20'000) << TextBlocks::Form::Markdown << false;
        QTest::newRow("verses") << lines << TextBlocks::Form::Markdown << false;
        QTest::newRow("code") << u"```c\n"_s + lines + u"```"_s << TextBlocks::Form::Markdown << false;
        QTest::newRow("code in one line") << u"```\n"_s + words << TextBlocks::Form::Markdown << false;
    }
    void longTexts() {
        QFETCH(QString, text);
        QFETCH(TextBlocks::Form, form);
        QFETCH(bool, exact);
        TextBlocks blocks(form);
        for (qsizetype at = 0; at < text.size(); at += 997) {
            blocks.append(text.sliced(at, std::min<qsizetype>(997, text.size() - at)));
            // What a further word costs is bounded.
            qsizetype open = 0;
            for (qsizetype i = blocks.settled(); i < blocks.all().size(); ++i) open += blocks.all()[i].text.size();
            QVERIFY2(open < 20'000, qPrintable(QString::number(open)));
        }
        qsizetype most = 0;
        for (const TextBlock &block : blocks.all()) {
            most = std::max(most, block.text.size());
            QVERIFY(block.text.isValidUtf16());
        }
        QVERIFY2(most < 20'000, qPrintable(QString::number(most)));
        if (exact) QCOMPARE(copied(blocks.all()).trimmed(), text.trimmed());
        if (blocks.all().first().kind == Kind::Code) {
            const QString code = copied(blocks.all()).trimmed();
            QCOMPARE(code, text.section(u'\n', 1).remove(u"```"_s).trimmed());
        }
    }
};

QTEST_GUILESS_MAIN(TestTextBlocks)
#include "test_text_blocks.moc"
