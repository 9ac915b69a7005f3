<?php
// Like RATE_LIMITS=off on our side: WordPress lets one member write every 15 seconds.
add_filter('comment_flood_filter', '__return_false', 99);
add_filter('wp_is_comment_flood', '__return_false', 99);
