import QtQuick
import QtQuick.Shapes
import MiLLM

/// The page's gradient at 135 degrees, as CSS counts them: its line is as long as the box's two sides together.
Shape {
    id: ground

    readonly property real reach: (width + height) / 4

    ShapePath {
        strokeWidth: -1
        fillGradient: LinearGradient {
            x1: ground.width / 2 - ground.reach
            y1: ground.height / 2 - ground.reach
            x2: ground.width / 2 + ground.reach
            y2: ground.height / 2 + ground.reach

            GradientStop {
                position: 0
                color: Theme.colors.pageStart
            }
            GradientStop {
                position: 0.5
                color: Theme.colors.pageMiddle
            }
            GradientStop {
                position: 1
                color: Theme.colors.pageEnd
            }
        }
        PathRectangle {
            width: ground.width
            height: ground.height
        }
    }
}
