// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/filter_parts.h"

#include <QRegularExpression>

#include <utility>

namespace voorwerp::app {

namespace {

constexpr int kDecimals = 4;

QString number(double value)
{
    return QString::number(value, 'f', kDecimals).remove(QRegularExpression(QStringLiteral("\\.?0+$")));
}

QString between(const char* column, const widgets::Range& range)
{
    return QStringLiteral("%1 between %2 and %3")
        .arg(QLatin1String(column), number(range.low), number(range.high));
}

enum class Part { Redshift, SkyBox, Cone };

const QRegularExpression& form(Part part)
{
    const auto make = [](const QString& columns) {
        return QRegularExpression(QStringLiteral("(^|\\s+and\\s+)%1(?=$|\\s+and\\s)").arg(columns),
                                  QRegularExpression::CaseInsensitiveOption);
    };
    static const QString numbers = QStringLiteral(" between (-?[\\d.]+) and (-?[\\d.]+)");
    static const QRegularExpression z = make(QStringLiteral("z") + numbers);
    static const QRegularExpression box =
        make(QStringLiteral("target_ra") + numbers + QStringLiteral(" and target_dec") + numbers);
    static const QRegularExpression cone = make(QStringLiteral("cone\\s*_+")); // its brackets are blanked out
    return part == Part::Redshift ? z : part == Part::SkyBox ? box : cone;
}

/// The expression with what stands in brackets and quotes blanked out; every place keeps its number.
QString outermost(const QString& expression)
{
    constexpr QChar kBlank = QLatin1Char('_');
    QString outside = expression;
    int depth = 0;
    QChar quote;
    for (QChar& letter : outside) {
        if (!quote.isNull()) {
            quote = letter == quote ? QChar() : quote;
            letter = kBlank;
        } else if (letter == QLatin1Char('\'') || letter == QLatin1Char('"')) {
            quote = std::exchange(letter, kBlank);
        } else {
            depth += letter == QLatin1Char('(') ? 1 : 0;
            const bool inside = depth > 0;
            depth -= letter == QLatin1Char(')') ? 1 : 0;
            letter = inside ? kBlank : letter;
        }
    }
    return outside;
}

/// With an "or" outside of brackets no part of the expression holds for the whole.
bool hasOpenOr(const QString& expression)
{
    static const QRegularExpression word(QStringLiteral("\\bor\\b"),
                                         QRegularExpression::CaseInsensitiveOption);
    return outermost(expression).contains(word);
}

QRegularExpressionMatch find(const QString& expression, Part part)
{
    return hasOpenOr(expression) ? QRegularExpressionMatch() : form(part).match(outermost(expression));
}

QString replaced(const QString& expression, Part which, const QString& part)
{
    QString rest = expression.trimmed();
    if (const auto match = find(rest, which); match.hasMatch()) {
        rest.remove(match.capturedStart(), match.capturedLength());
        static const QRegularExpression leadingAnd(QStringLiteral("^\\s*and\\s+"),
                                                   QRegularExpression::CaseInsensitiveOption);
        rest.remove(leadingAnd);
    }
    if (part.isEmpty() || rest.isEmpty())
        return part.isEmpty() ? rest : part;
    return (hasOpenOr(rest) ? QStringLiteral("(%1) and %2") : QStringLiteral("%1 and %2")).arg(rest, part);
}

} // namespace

std::optional<widgets::Range> zRangeOf(const QString& expression)
{
    const auto match = find(expression, Part::Redshift);
    if (!match.hasMatch())
        return std::nullopt;
    return widgets::Range{match.captured(2).toDouble(), match.captured(3).toDouble()};
}

std::optional<SkyBox> skyBoxOf(const QString& expression)
{
    const auto match = find(expression, Part::SkyBox);
    if (!match.hasMatch())
        return std::nullopt;
    return SkyBox{{match.captured(2).toDouble(), match.captured(3).toDouble()},
                  {match.captured(4).toDouble(), match.captured(5).toDouble()}};
}

QString withZRange(const QString& expression, const std::optional<widgets::Range>& range)
{
    return replaced(expression, Part::Redshift, range ? between("z", *range) : QString());
}

QString withSkyBox(const QString& expression, const std::optional<SkyBox>& box)
{
    return replaced(expression, Part::SkyBox,
                    box ? between("target_ra", box->ra) + QStringLiteral(" and ") +
                              between("target_dec", box->dec)
                        : QString());
}

QString withCone(const QString& expression, const QString& cone)
{
    return replaced(expression, Part::Cone, cone);
}

} // namespace voorwerp::app
