// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/lineage_text.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QLocale>

namespace voorwerp::app {

namespace {

using nlohmann::json;

QString tr(const char* text)
{
    return QCoreApplication::translate("Lineage", text);
}

json member(const json& object, const char* key)
{
    return object.is_object() && object.contains(key) ? object.at(key) : json();
}

QString text(const json& value)
{
    if (value.is_string())
        return QString::fromStdString(value.get<std::string>());
    return value.is_null() ? QString() : QString::fromStdString(value.dump());
}

QString line(const QString& name, const json& value)
{
    const QString content = text(value);
    return content.isEmpty() ? QString() : name + QStringLiteral(": ") + content + QLatin1Char('\n');
}

QString fileLines(const json& files)
{
    constexpr std::size_t kShown = 12;
    QString lines;
    for (std::size_t i = 0; i < files.size() && i < kShown; ++i) {
        const json& file = files[i];
        lines += (file.is_object() ? text(member(file, "path")) + QStringLiteral("  ") +
                                         text(member(file, "sha256")).left(12)
                                   : text(file)) +
                 QLatin1Char('\n');
    }
    if (files.size() > kShown)
        lines += tr("… and %1 more").arg(files.size() - kShown);
    return lines;
}

QString configurationLines(const json& configuration)
{
    QStringList parts;
    for (const auto& [key, value] : configuration.items())
        parts.append(QString::fromStdString(key) + QLatin1Char('=') + text(value));
    return parts.join(QStringLiteral("  "));
}

} // namespace

QList<LineageStep> lineageSteps(const catalog::ModelVersion& version)
{
    const json lineage = json::parse(version.lineage, nullptr, false);
    const json dataset = member(lineage, "dataset");
    const json files = member(member(dataset, "lineage"), "files");
    QList<LineageStep> steps;
    if (files.is_array() && !files.empty())
        steps.append({QStringLiteral("files"), tr("%1 files").arg(files.size()), fileLines(files)});
    if (const QString selection = text(member(dataset, "selection")); !selection.isEmpty())
        steps.append({QStringLiteral("selection"), tr("selection %1").arg(selection),
                      line(tr("expression"), member(dataset, "where"))});
    if (const QString recipe = text(member(dataset, "recipe")); !recipe.isEmpty())
        steps.append({QStringLiteral("recipe"), tr("recipe %1").arg(recipe),
                      line(tr("SHA-256"), member(dataset, "recipe_hash"))});
    steps.append({QStringLiteral("dataset"),
                  tr("training set %1").arg(QString::fromStdString(version.dataset)),
                  line(tr("spectra"), member(dataset, "spectra")) +
                      tr("SHA-256: %1").arg(QString::fromStdString(version.datasetSha256))});
    const json configuration = json::parse(version.configuration, nullptr, false);
    steps.append({QStringLiteral("run"), tr("run"),
                  line(tr("device"), member(lineage, "device_description")) +
                      line(tr("by"), member(lineage, "by")) +
                      line(tr("software"), member(lineage, "software")) +
                      (configuration.is_object() ? configurationLines(configuration) : QString())});
    steps.append(
        {QStringLiteral("version"), QString::fromStdString(version.reference()),
         tr("file: %1\nSHA-256: %2")
             .arg(QString::fromStdString(version.file.string()), QString::fromStdString(version.sha256))});
    return steps;
}

QString lineageHtml(const QList<LineageStep>& steps)
{
    QStringList links;
    for (const LineageStep& step : steps)
        links.append(QStringLiteral("<a href='%1'>%2</a>").arg(step.id, step.title.toHtmlEscaped()));
    return links.join(QStringLiteral(" → "));
}

} // namespace voorwerp::app
