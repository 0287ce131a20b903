// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// "like it": the five spectra that the shown model describes most like the current one, as small clickable
// curves over the current one's rest-frame range. Searched and read off the GUI thread; newest wins.

#include "app/jobs/async_query.h"
#include "app/score_data.h"

#include <QWidget>

#include <array>

namespace voorwerp::widgets {
class SpectrumThumbnail;
}

namespace voorwerp::app {

class SimilarRow : public QWidget
{
    Q_OBJECT

public:
    static constexpr std::size_t kCount = 5;

    explicit SimilarRow(AppContext& context, QWidget* parent = nullptr);

    /// Looks for neighbours of a row among the spectra of scores; nothing to show hides the row.
    void showLike(const ScoreDataPointer& scores, std::optional<std::uint32_t> row);
    bool isSettled() const { return !m_query.isBusy(); }
    /// Those shown now, nearest first.
    const std::vector<core::SpectrumId>& ids() const { return m_ids; }

private:
    /// A neighbour ready to be drawn.
    struct Like
    {
        std::uint32_t row = 0;
        float distance = 0.0F;
        std::vector<float> curve;
    };

    static std::vector<Like> find(const pipeline::Session& session, const ScoreData& scores,
                                  std::uint32_t row, std::stop_token stop);
    void fill(const ScoreData& scores, const std::vector<Like>& likes);

    AppContext& m_context;
    AsyncQuery m_query;
    std::array<widgets::SpectrumThumbnail*, kCount> m_buttons{};
    std::vector<core::SpectrumId> m_ids;
};

} // namespace voorwerp::app
